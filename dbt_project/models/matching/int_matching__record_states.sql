-- One row per record: the one match or open item that claims it at its main level, or the rule that keeps it out.
with

stores as (

    select * from {{ ref('int_ledger__stores') }}

),

legs as (

    select
        record_type,
        record_key,
        level,
        match_id,
        case when status in ('matched', 'matched_tol') then 'matched' else 'differs' end as match_status
    from {{ ref('int_matching__legs') }}
    where
        side <> 'adjustment'
        and not (record_type = 'payment' and level = 'payment_flow')
        and not (record_type = 'order' and (level = 'order_shipment' or (level = 'order_order' and side = 'left')))
        and not (record_type = 'payout' and level = 'settlement_flow')
        and not (record_type = 'refund' and level = 'return_refund')

),

open_items as (

    select
        record_type,
        record_key,
        level,
        case
            when situation in ('nothing_due', 'refunded') then 'excluded'
            when is_waiting then 'timing'
            else 'open'
        end as match_status,
        case when situation in ('nothing_due', 'refunded') then 0 else amount end as open_amount
    from {{ ref('int_matching__open') }}
    where
        not (record_type = 'payment' and level = 'payment_flow')
        and not (record_type = 'order' and (level = 'order_shipment' or (level = 'order_order' and side = 'left')))
        and not (record_type = 'refund' and level = 'return_refund')

),

-- refund tickets of platform-held orders follow their order
order_states as (

    select record_key, match_status from open_items where record_type = 'order' and level = 'order_settlement'

),

following_refunds as (

    select
        refunds.record_key,
        order_states.match_status
    from {{ ref('int_matching__order_refunds') }} as refunds
    inner join order_states on refunds.order_key = order_states.record_key

),

orphan_tickets as (

    select
        record_key,
        amount,
        case when is_waiting then 'timing' else 'open' end as match_status
    from {{ ref('int_matching__orphan_tickets') }}

),

-- what is out of scope is so by a named rule, never by being left over
excluded_orders as (

    select
        orders.record_key,
        case
            when orders.role <> 'platform' then 'own_system'
            when orders.payment_method = 'credit' then 'on_credit'
            when orders.paid_at is null and orders.status not in ('paid', 'shipped', 'completed') then 'unpaid'
            when orders.buyer_paid = 0 then 'free'
        end as reason
    from {{ ref('int_ledger__orders') }} as orders

),

excluded_refunds as (

    select
        record_key,
        case when status <> 'succeeded' then 'not_succeeded' when role <> 'platform' then 'own_system' end as reason
    from {{ ref('int_ledger__refunds') }}

),

excluded_payments as (

    select
        record_key,
        case
            when type = 'chargeback' and status = 'succeeded' then null
            when status not in ('succeeded', 'processing') then 'not_succeeded'
            when type <> 'refund' and status <> 'succeeded' then 'not_succeeded'
        end as reason
    from {{ ref('int_ledger__payments') }}

),

excluded_flows as (

    select
        record_key,
        case
            when category is null then null
            when category in ('payout', 'payout_returned') then 'payout'
            when not coalesce(needs_order, false) then 'balance_move'
        end as reason
    from {{ ref('int_ledger__fund_flows') }}

),

excluded_lines as (

    select record_key, case when order_no is null then 'no_order' end as reason
    from {{ ref('int_ledger__settlement_lines') }}

),

excluded_payouts as (

    select record_key, case when status not in ('in_transit', 'paid') then 'not_paid' end as reason
    from {{ ref('int_ledger__payouts') }}

),

excluded as (

    select 'order' as record_type, record_key, reason from excluded_orders where reason is not null
    union all
    select 'refund' as record_type, record_key, reason from excluded_refunds where reason is not null
    union all
    select 'payment' as record_type, record_key, reason from excluded_payments where reason is not null
    union all
    select 'fund_flow' as record_type, record_key, reason from excluded_flows where reason is not null
    union all
    select 'settlement_line' as record_type, record_key, reason from excluded_lines where reason is not null
    union all
    select 'payout' as record_type, record_key, reason from excluded_payouts where reason is not null
    union all
    select 'shipment' as record_type, record_key, 'no_promise' as reason from {{ ref('int_ledger__shipments') }}
    union all
    select 'return' as record_type, record_key, 'not_received' as reason
    from {{ ref('int_ledger__returns') }}
    where received_at is null

),

-- a word of the source that nothing explains leaves the record open, whatever else is known of it; so does money that
-- a buyer's bank took back
unknown_words as (

    select 'order' as record_type, record_key, buyer_paid as amount
    from {{ ref('int_ledger__orders') }}
    where status is null
    union all
    select 'payment' as record_type, record_key, amount
    from {{ ref('int_ledger__payments') }}
    where type is null or status is null or (type = 'chargeback' and status = 'succeeded')
    union all
    select 'refund' as record_type, record_key, amount
    from {{ ref('int_ledger__refunds') }}
    where type is null or status is null
    union all
    select 'payout' as record_type, record_key, amount
    from {{ ref('int_ledger__payouts') }}
    where status is null

),

unknown_flows as (

    select
        flows.record_key,
        flows.amount
    from {{ ref('int_ledger__fund_flows') }} as flows
    left join {{ ref('int_matching__payment_flow_members') }} as members
        on members.record_type = 'fund_flow' and flows.record_key = members.record_key
    where
        flows.category is null
        or (flows.needs_order and flows.order_no is null and members.record_key is null)

),

int_matching__record_states as (

    select
        records.record_type,
        records.record_key,
        coalesce(legs.level, open_items.level) as level,
        legs.match_id,
        coalesce(
            legs.match_status,
            open_items.match_status,
            following_refunds.match_status,
            orphan_tickets.match_status,
            case when unknown_flows.record_key is not null or unknown_words.record_key is not null then 'open' end,
            case when excluded.reason is not null then 'excluded' end
        ) as match_status,
        cast(coalesce(
            case when legs.match_id is not null then 0 end, open_items.open_amount, orphan_tickets.amount, unknown_flows.amount, unknown_words.amount, 0
        ) as decimal(18, 2)) as open_amount,
        excluded.reason as exclusion
    from {{ ref('int_matching__records') }} as records
    left join legs on records.record_type = legs.record_type and records.record_key = legs.record_key
    left join open_items
        on records.record_type = open_items.record_type and records.record_key = open_items.record_key
    left join following_refunds
        on case when records.record_type = 'refund' then records.record_key end = following_refunds.record_key
    left join orphan_tickets
        on case when records.record_type = 'refund' then records.record_key end = orphan_tickets.record_key
    left join unknown_flows
        on case when records.record_type = 'fund_flow' then records.record_key end = unknown_flows.record_key
    left join unknown_words
        on records.record_type = unknown_words.record_type and records.record_key = unknown_words.record_key
    left join excluded on records.record_type = excluded.record_type and records.record_key = excluded.record_key

)

select * from int_matching__record_states
