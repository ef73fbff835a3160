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
                then {{ run_variable('today') }} <= unclaimed.business_date + parameters.refund_sla_days
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

)

select * from int_matching__refund_payment_open
