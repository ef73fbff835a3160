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

-- equal amount already given back for the same order: the later one is a duplicate
repeated as (

    select distinct unclaimed.record_key
    from unclaimed
    inner join legs
        on
            unclaimed.order_group_key = legs.order_group_key
            and legs.record_type = 'payment'
            and unclaimed.amount = legs.amount
    where unclaimed.record_type = 'payment'

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
        on payments.account is null and unclaimed.store = store_payments.store
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
        unclaimed.record_type,
        unclaimed.record_key,
        case when unclaimed.record_type = 'refund' then 'left' else 'right' end as side,
        case
            when unclaimed.record_type = 'refund' then 'ticket_only'
            when repeated.record_key is not null then 'duplicate_refund'
            else 'refund_only'
        end as situation,
        unclaimed.order_group_key as group_key,
        unclaimed.amount,
        case
            when unclaimed.record_type = 'refund'
                then
                    {{ run_variable('today') }} <= unclaimed.business_date + parameters.refund_sla_days
                    or not coalesce(spoken.is_complete, true)
            when repeated.record_key is not null then false
            else {{ run_variable('today') }} <= unclaimed.business_date + 1
        end as is_waiting,
        cast(
            case
                when unclaimed.record_type = 'refund' then unclaimed.business_date + parameters.refund_sla_days + 1
                when repeated.record_key is null then unclaimed.business_date + 2
            end as date
        ) as breaks_on,
        greatest(
            unclaimed.received_on,
            cast(
                case
                    when unclaimed.record_type = 'refund' then unclaimed.business_date + parameters.refund_sla_days + 1
                    when repeated.record_key is null then unclaimed.business_date + 2
                    else unclaimed.received_on
                end as date
            )
        ) as evident_on
    from unclaimed
    cross join {{ ref('int_ledger__parameters') }} as parameters
    left join repeated on unclaimed.record_key = repeated.record_key
    left join spoken on unclaimed.record_type = 'refund' and unclaimed.record_key = spoken.record_key

)

select * from int_matching__refund_payment_open
