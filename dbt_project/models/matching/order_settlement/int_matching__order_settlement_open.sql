-- One row per order, settlement line or wallet flow of the level that no match claims, with what it waits for.
with

members as (

    select * from {{ ref('int_matching__order_settlement_members') }}

),

groups as (

    select * from {{ ref('int_matching__order_settlement_groups') }}
    where not (order_count = 1 and money_count > 0)

),

int_matching__order_settlement_open as (

    select
        'order_settlement' as level,
        members.record_type,
        members.record_key,
        case when members.record_type = 'order' then 'left' else 'right' end as side,
        case
            when members.record_type = 'order' and groups.expected_amount = 0 then 'nothing_due'
            when members.record_type = 'order' then 'order_only'
            when members.is_fee then 'fee_only'
            else 'line_only'
        end as situation,
        groups.group_key,
        case
            when members.record_type = 'order' then groups.expected_amount else abs(members.amount)
        end as amount,
        case
            when members.record_type = 'order'
                then groups.due_on is null or {{ run_variable('today') }} <= groups.due_on
            else {{ run_variable('today') }} <= members.business_date + 1
        end as is_waiting,
        cast(
            case
                when members.record_type = 'order' then groups.due_on + 1 else members.business_date + 2
            end as date
        ) as breaks_on,
        greatest(
            members.received_on,
            cast(
                case
                    when members.record_type = 'order' then groups.due_on + 1 else members.business_date + 2
                end as date
            )
        ) as evident_on
    from members
    inner join groups on members.group_key = groups.group_key

)

select * from int_matching__order_settlement_open
