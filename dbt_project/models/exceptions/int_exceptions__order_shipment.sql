-- One row per exception of orders and their parcels: not sent, sent unpaid, never picked up, standing still.
with

parcels as (

    select * from {{ ref('int_exceptions__parcels') }}

),

-- a carrier whose scans never reach us proves nothing by its silence, nor does it about parcels older or newer than all
-- that it was asked about
scanning as (

    select
        entity,
        store,
        coalesce(carrier, '') as carrier,
        min(case when picked_up_at is not null then sent_at end) as first_picked_up,
        max(case when picked_up_at is not null then sent_at end) as last_picked_up,
        min(case when delivered_at is not null then sent_at end) as first_delivered,
        max(case when delivered_at is not null then sent_at end) as last_delivered
    from (
        {% for relation in ['parcels', source('closed', 'parcels')] %}
        select entity, store, carrier, sent_at, picked_up_at, delivered_at from {{ relation }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as every_parcel
    group by entity, store, coalesce(carrier, '')

),

followed as (

    select
        parcels.*,
        coalesce(parcels.sent_at between scanning.first_picked_up and scanning.last_picked_up, false) as shows_pick_up,
        coalesce(parcels.sent_at between scanning.first_delivered and scanning.last_delivered, false)
            as shows_delivery,
        coalesce(promises.pickup_hours, 24) as pickup_hours
    from parcels
    inner join scanning
        on
            parcels.entity = scanning.entity
            and parcels.store is not distinct from scanning.store
            and coalesce(parcels.carrier, '') = scanning.carrier
    left join (
        select max(pickup_hours) as pickup_hours
        from {{ ref('int_ledger__promise_rules') }}
        where platform is null
    ) as promises on true

),

-- E501
paid_not_shipped as (

    select
        {{ exception_columns(
            'order_shipment', "'E501'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on',
            explanation="'Paid, and no shipment is known'",
            explanation_zh="'已付款，没有发货记录'"
        ) }}
    from {{ ref('int_matching__order_shipment_open') }}
    where situation = 'not_shipped'

),

-- E502: on its way, and by the shop's own word nobody has paid
shipped_not_paid as (

    select
        {{ exception_columns(
            'order_shipment', "'E502'", 'finding', "'order'", 'orders.record_key', 'orders.buyer_paid',
            evident_on='greatest(orders.received_on, coalesce(sent.received_on, orders.received_on))',
            difference='-orders.buyer_paid',
            explanation="'Shipped, and the order says ' || orders.status",
            explanation_zh="'已发货，订单状态为' || " ~ in_chinese('orders.status')
        ) }}
    from {{ ref('int_ledger__orders') }} as orders
    left join (
        select order_key, max(received_on) as received_on from parcels group by order_key
    ) as sent on orders.record_key = sent.order_key
    left join {{ ref('int_matching__order_payment_legs') }} as paid
        on paid.record_type = 'order' and orders.record_key = paid.record_key
    where
        orders.role = 'platform'
        and orders.paid_at is null
        and orders.status in ('created', 'cancelled')
        and coalesce(orders.payment_method, 'online') not in ('cod', 'credit')
        and (sent.order_key is not null or orders.shipped_at is not null)
        and paid.record_key is null

),

-- E503: a number was given, and no carrier ever picked the parcel up
fake_shipment as (

    select
        {{ exception_columns(
            'order_shipment', "'E503'", 'finding', "'shipment'", 'record_key', 'buyer_paid',
            evident_on='greatest(received_on, ' ~ day_of(['tracked_at + ' ~ hours('pickup_hours')]) ~ ')',
            explanation="'Waybill ' || waybill_no || ' of ' || " ~ moment_text('tracked_at') ~ " || ' has no pick-up scan'",
            explanation_zh="'运单 ' || waybill_no || '（' || " ~ moment_text('tracked_at') ~ " || '）没有揽收记录'"
        ) }}
    from followed
    where
        shows_pick_up
        and tracked_at is not null
        and coalesce(picked_up_at, delivered_at, last_scan_at) is null
        and tracked_at + {{ hours('pickup_hours') }} < {{ run_variable('as_of') }}

),

-- E509: picked up, not delivered, and not seen for a week
lost_parcel as (

    select
        {{ exception_columns(
            'order_shipment', "'E509'", 'finding', "'shipment'", 'record_key', 'buyer_paid',
            evident_on='greatest(received_on, cast(' ~ day_of(['last_scan_at', 'picked_up_at']) ~ ' + 8 as date))',
            explanation="'Waybill ' || waybill_no || ' was last seen on ' || coalesce(last_scan_at, picked_up_at)",
            explanation_zh="'运单 ' || waybill_no || ' 最后一次物流记录在 ' || coalesce(last_scan_at, picked_up_at)"
        ) }}
    from followed
    where
        shows_delivery
        and picked_up_at is not null
        and delivered_at is null
        and {{ day_of(['last_scan_at', 'picked_up_at']) }} + 7 < {{ run_variable('today') }}

),

int_exceptions__order_shipment as (

    select * from paid_not_shipped
    union all
    select * from shipped_not_paid
    union all
    select * from fake_shipment
    union all
    select * from lost_parcel

)

select * from int_exceptions__order_shipment
