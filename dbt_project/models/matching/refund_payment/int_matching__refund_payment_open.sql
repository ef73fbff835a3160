-- One row per ticket or channel refund without a counterpart, with the kind of surplus it is.
with

members as (

    select * from {{ ref('int_matching__refund_payment_members') }}

),

legs as (

    select * from {{ ref('int_matching__refund_payment_legs') }}

),

unclaimed as (

    select members.*
    from members
    left join legs on members.record_type = legs.record_type and members.record_key = legs.record_key
    where legs.record_key is null

),

situations as (

    select
        unclaimed.*,
        case
            when unclaimed.record_type = 'refund' then 'ticket_only'
            when repeats.record_key is not null then 'duplicate_refund'
            when excess.record_key is not null then 'over_refund'
            else 'refund_only'
        end as situation
    from unclaimed
    left join {{ ref('int_matching__refund_repeats') }} as repeats
        on case when unclaimed.record_type = 'payment' then unclaimed.record_key end = repeats.record_key
    left join {{ ref('int_matching__refund_excess') }} as excess
        on case when unclaimed.record_type = 'payment' then unclaimed.record_key end = excess.record_key

),

-- the last day on which the other side may still come
due as (

    select
        situations.*,
        cast(
            case situations.situation
                when 'ticket_only' then situations.business_date + parameters.refund_sla_days
                when 'refund_only' then situations.business_date + 1
            end as date
        ) as due_on
    from situations
    cross join {{ ref('int_ledger__parameters') }} as parameters

),

-- where the money came in, else every account of the shop
ticket_accounts as (

    select
        unclaimed.record_key,
        coalesce(payments.account, store_payments.account) as account
    from unclaimed
    left join (
        select distinct group_key, account
        from {{ ref('int_matching__order_payment_members') }}
        where record_type = 'payment'
    ) as payments on unclaimed.order_group_key = payments.group_key
    left join {{ ref('int_ledger__store_payments') }} as store_payments
        on case when payments.account is null then unclaimed.store end = store_payments.store
    where unclaimed.record_type = 'refund'

),

-- the channel's bills must speak of the whole time that a refund may take, and hold the ticket's own day
spoken as (

    select
        unclaimed.record_key,
        bool_and(
            coverage.covered_to >= unclaimed.business_date + parameters.refund_sla_days
            and coalesce(account_days.is_complete, false)
        ) as is_complete
    from unclaimed
    cross join {{ ref('int_ledger__parameters') }} as parameters
    inner join ticket_accounts as accounts on unclaimed.record_key = accounts.record_key
    inner join {{ ref('int_matching__coverage') }} as coverage
        on accounts.account = coverage.place and coverage.record_type = 'payment'
    left join {{ ref('int_matching__account_days') }} as account_days
        on
            accounts.account = account_days.account
            and account_days.record_type = 'payment'
            and unclaimed.business_date = account_days.day
    where unclaimed.record_type = 'refund'
    group by unclaimed.record_key

),

int_matching__refund_payment_open as (

    select
        'refund_payment' as level,
        due.record_type,
        due.record_key,
        case when due.record_type = 'refund' then 'left' else 'right' end as side,
        due.situation,
        due.order_group_key as group_key,
        due.amount,
        coalesce({{ run_variable('today') }} <= due.due_on, false) or not coalesce(spoken.is_complete, true) as is_waiting,
        cast(due.due_on + 1 as date) as breaks_on,
        greatest(due.received_on, coalesce(cast(due.due_on + 1 as date), due.received_on)) as evident_on
    from due
    left join spoken on case when due.record_type = 'refund' then due.record_key end = spoken.record_key

)

select * from int_matching__refund_payment_open
