-- One row per order, settlement line or wallet flow of the level that no match claims, with what it waits for.
with

members as (

    select * from {{ ref('int_matching__order_settlement_members') }}

),

groups as (

    select * from {{ ref('int_matching__order_settlement_groups') }}
    where not (order_count = 1 and money_count > 0)

),

-- nothing is concluded from days that were not asked for: the wallet's, or those of the shops it serves
wallets as (

    select
        stores.store,
        stores.settles_into as account,
        flows.covered_to as flows_to,
        orders.covered_to as orders_to
    from {{ ref('int_ledger__stores') }} as stores
    left join {{ ref('int_matching__coverage') }} as flows
        on stores.settles_into = flows.place and flows.record_type = 'fund_flow'
    left join {{ ref('int_matching__coverage') }} as orders
        on stores.store = orders.place and orders.record_type = 'order'
    where stores.money = 'platform'

),

orders_known_to as (

    select account, min(orders_to) as orders_to
    from wallets
    group by account

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
                then
                    groups.due_on is null
                    or {{ run_variable('today') }} <= groups.due_on
                    or coalesce(wallets.flows_to < groups.due_on, false)
            else
                {{ run_variable('today') }} <= members.business_date + 1
                or coalesce(orders_known_to.orders_to < {{ run_variable('today') }} - 1, false)
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
    left join wallets on case when members.record_type = 'order' then members.store end = wallets.store
    left join orders_known_to on members.account = orders_known_to.account

)

select * from int_matching__order_settlement_open
