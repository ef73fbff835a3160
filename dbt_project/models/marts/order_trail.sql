-- One row per event in an order's money trail, with what is still to come after it.
with

stores as (

    select store, money from {{ ref('int_ledger__stores') }}

),

orders as (

    select *, {{ lookup_key("store || '|' || order_no") }} as order_key
    from {{ ref('int_ledger__orders') }}
    where role = 'platform'

),

payment_orders as (

    select payments.record_key, orders.record_key as order_key
    from {{ ref('int_matching__order_payment_members') }} as payments
    inner join {{ ref('int_matching__order_payment_members') }} as orders
        on payments.group_key = orders.group_key and orders.record_type = 'order'
    where payments.record_type = 'payment'

),

refund_orders as (

    select refunds.record_key, orders.record_key as order_key
    from {{ ref('int_matching__refund_payment_members') }} as refunds
    inner join {{ ref('int_matching__order_payment_members') }} as orders
        on refunds.order_group_key = orders.group_key and orders.record_type = 'order'
    where refunds.record_type = 'payment'

),

flow_orders as (

    select legs.record_key, min(payments.order_key) as order_key
    from {{ ref('int_matching__payment_flow_legs') }} as legs
    inner join {{ ref('int_matching__payment_flow_legs') }} as lefts
        on legs.match_key = lefts.match_key and lefts.side = 'left'
    inner join (select * from payment_orders union all select * from refund_orders) as payments
        on lefts.record_key = payments.record_key
    where legs.side = 'right'
    group by legs.record_key

),

events as (

    select record_key as order_key, 'order' as record_type, record_key, 'ordered' as event, ordered_at as happened_at, 0 as amount, buyer_paid as due_amount
    from orders
    union all
    select payment_orders.order_key, 'payment', payments.record_key, 'paid', coalesce(payments.succeeded_at, payments.occurred_at), payments.amount, -payments.amount
    from payment_orders
    inner join {{ ref('int_ledger__payments') }} as payments on payment_orders.record_key = payments.record_key
    union all
    select orders.record_key, 'order', orders.record_key, 'paid', orders.paid_at, orders.buyer_paid, -orders.buyer_paid
    from orders
    inner join stores on orders.store = stores.store
    where stores.money = 'platform' and orders.paid_at is not null
    union all
    select orders.record_key, 'refund', refunds.record_key, 'refund_' || coalesce(refunds.status, 'unknown'), coalesce(refunds.succeeded_at, refunds.applied_at), -refunds.amount, 0
    from {{ ref('int_ledger__refunds') }} as refunds
    inner join orders on refunds.store = orders.store and refunds.order_no = orders.order_no
    union all
    select refund_orders.order_key, 'payment', payments.record_key, 'refunded', coalesce(payments.succeeded_at, payments.occurred_at), -payments.amount, 0
    from refund_orders
    inner join {{ ref('int_ledger__payments') }} as payments on refund_orders.record_key = payments.record_key
    union all
    select flow_orders.order_key, 'fund_flow', flows.record_key, 'wallet_' || coalesce(flows.category, 'unknown'), flows.occurred_at, flows.signed_amount, 0
    from flow_orders
    inner join {{ ref('int_ledger__fund_flows') }} as flows on flow_orders.record_key = flows.record_key
    union all
    select orders.record_key, members.record_type, members.record_key, 'settled_' || members.component, records.happened_at, members.amount, 0
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on members.group_key = groups.group_key
    inner join orders on groups.order_key = orders.record_key
    inner join {{ ref('int_matching__records') }} as records
        on members.record_type = records.record_type and members.record_key = records.record_key
    where members.record_type <> 'order'
    union all
    select orders.record_key, 'shipment', shipments.record_key, 'shipped', coalesce(shipments.picked_up_at, shipments.tracked_at), 0, 0
    from {{ ref('int_ledger__shipments') }} as shipments
    inner join orders on shipments.entity = orders.entity and shipments.order_no = orders.order_no

)

select
    orders.entity,
    orders.store,
    orders.order_no,
    events.happened_at,
    events.event,
    cast(events.amount as decimal(18, 2)) as amount,
    orders.currency,
    records.counterparty,
    records.source_no,
    events.record_type,
    events.record_key,
    files.sha256 as source_file_sha256,
    records.row_number as source_row,
    cast(sum(events.due_amount) over (
        partition by events.order_key order by events.happened_at, events.event, events.record_key
        rows between unbounded preceding and current row
    ) as decimal(18, 2)) as open_balance,
    orders.order_key
from events
inner join orders on events.order_key = orders.record_key
inner join {{ ref('int_matching__records') }} as records
    on events.record_type = records.record_type and events.record_key = records.record_key
left join {{ ref('int_ledger__files') }} as files on records.file_id = files.file_id
