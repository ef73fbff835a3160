-- One row per return that arrived and whose ticket is refunded; the level proves goods against money, not an amount.
with

refunded as (

    select *
    from {{ ref('int_matching__return_refund_members') }}
    where record_type = 'refund' and ticket_status = 'succeeded' and return_key is not null

),

int_matching__return_refund as (

    select
        refunded.ticket_key as match_key,
        'return_refund' as level,
        'P1' as pass,
        refunded.entity,
        refunded.platform,
        refunded.store,
        cast(null as string) as account,
        refunded.currency,
        refunded.business_date,
        cast(0 as decimal(18, 2)) as left_amount,
        cast(0 as decimal(18, 2)) as right_amount,
        cast(0 as decimal(18, 2)) as difference,
        'matched' as status,
        'high' as confidence,
        0 as alternatives,
        false as is_cross_day,
        greatest(refunded.received_on, arrived.received_on) as matched_on,
        'received ' || {{ moment_text('arrived.received_at') }} || ', refunded ' || coalesce({{ moment_text('refunded.refunded_at') }}, '') as explanation
    from refunded
    inner join {{ ref('int_matching__return_refund_members') }} as arrived
        on arrived.record_type = 'return' and refunded.return_key = arrived.record_key

)

select * from int_matching__return_refund
