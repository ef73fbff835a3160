-- One row per paid order without a shipment, until it is refunded; the promise decides when it breaks.
with

int_matching__order_shipment_open as (

    select
        'order_shipment' as level,
        'order' as record_type,
        record_key,
        'left' as side,
        case
            when status in ('closed', 'cancelled') or (refund_amount >= buyer_paid) then 'refunded'
            else 'not_shipped'
        end as situation,
        record_key as group_key,
        buyer_paid as amount,
        -- the evidence of a day is in hand on the next
        {{ run_variable('today') }} <= {{ day_of(['promised_at']) }}
        or coalesce(coverage.covered_to < {{ day_of(['promised_at']) }}, false) as is_waiting,
        cast({{ day_of(['promised_at']) }} + 1 as date) as breaks_on,
        greatest(received_on, cast({{ day_of(['promised_at']) }} + 1 as date)) as evident_on
    from {{ ref('int_matching__order_shipment_due') }} as due
    left join {{ ref('int_matching__coverage') }} as coverage
        on due.store = coverage.place and coverage.record_type = 'order'
    where shipped_at is null

)

select * from int_matching__order_shipment_open
