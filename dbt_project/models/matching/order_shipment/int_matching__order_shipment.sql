-- One row per order with evidence that it was shipped.
with

int_matching__order_shipment as (

    select
        record_key as match_key,
        'order_shipment' as level,
        'P1' as pass,
        entity,
        platform,
        store,
        cast(null as string) as account,
        currency,
        business_date,
        cast(0 as decimal(18, 2)) as left_amount,
        cast(0 as decimal(18, 2)) as right_amount,
        cast(0 as decimal(18, 2)) as difference,
        'matched' as status,
        'high' as confidence,
        0 as alternatives,
        false as is_cross_day,
        received_on as matched_on,
        'shipped ' || {{ moment_text('shipped_at') }} || ', promised by ' || {{ moment_text('promised_at') }} as explanation
    from {{ ref('int_matching__order_shipment_due') }}
    where shipped_at is not null

)

select * from int_matching__order_shipment
