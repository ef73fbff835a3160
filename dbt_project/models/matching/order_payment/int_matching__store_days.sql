-- One row per channel store and order day: whether the payment bills of that day and the next are all complete.
with

order_days as (

    select store, order_date from {{ ref('int_matching__order_payment_other_groups') }} where order_count > 0
    union
    select orders.store, orders.business_date as order_date
    {{ order_payment_orders() }}
        and {{ row_id('orders') }} not in ({{ set_apart('order') }})

),

bill_accounts as (

    select distinct account from {{ ref('int_matching__account_days') }} where record_type = 'payment'

),

needed as (

    select
        order_days.store,
        order_days.order_date,
        store_payments.account,
        cast(order_days.order_date + days.number as date) as day
    from order_days
    inner join {{ ref('int_ledger__store_payments') }} as store_payments on order_days.store = store_payments.store
    inner join bill_accounts on store_payments.account = bill_accounts.account
    cross join (select 0 as number union all select 1 as number) as days

),

judged as (

    select
        needed.store,
        needed.order_date,
        bool_and(coalesce(account_days.is_complete, false)) as is_complete,
        max(account_days.complete_on) as complete_on
    from needed
    left join {{ ref('int_matching__account_days') }} as account_days
        on
            needed.account = account_days.account
            and needed.day = account_days.day
            and account_days.record_type = 'payment'
    group by needed.store, needed.order_date

),

-- where no bill says so, one day must do
int_matching__store_days as (

    select
        order_days.store,
        order_days.order_date,
        coalesce(judged.is_complete, {{ run_variable('today') }} > order_days.order_date + 1) as is_complete,
        case
            when judged.store is null then cast(order_days.order_date + 2 as date) else judged.complete_on
        end as complete_on
    from order_days
    left join judged on order_days.store = judged.store and order_days.order_date = judged.order_date

)

select * from int_matching__store_days
