-- One row per order or parcel in a match of an order and its shipments; the level proves a promise, not an amount.
with

due as (

    select * from {{ ref('int_matching__order_shipment_due') }} where shipped_at is not null

),

int_matching__order_shipment_legs as (

    select
        record_key as match_key,
        'left' as side,
        'order' as record_type,
        record_key,
        cast(0 as decimal(18, 2)) as amount
    from due
    union all
    select
        due.record_key as match_key,
        'right' as side,
        'shipment' as record_type,
        shipments.record_key,
        cast(0 as decimal(18, 2)) as amount
    from due
    inner join {{ ref('int_ledger__shipments') }} as shipments
        on due.entity = shipments.entity and due.order_no = shipments.order_no

)

select * from int_matching__order_shipment_legs
