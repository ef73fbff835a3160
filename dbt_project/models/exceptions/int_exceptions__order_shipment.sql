-- One row per paid order that is not shipped: waiting within the promise, an exception after it.
with

-- E501
int_exceptions__order_shipment as (

    select
        {{ exception_columns(
            'order_shipment', "'E501'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on',
            explanation="'Paid, and no shipment is known'"
        ) }}
    from {{ ref('int_matching__order_shipment_open') }}
    where situation = 'not_shipped'

)

select * from int_exceptions__order_shipment
