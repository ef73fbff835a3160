-- One row per open item past its time: the three nearest items of the other side, and what kept each from matching.
with

open_items as (

    select
        open_items.level,
        open_items.side,
        open_items.record_type,
        open_items.record_key,
        open_items.amount,
        open_items.is_waiting,
        records.entity,
        records.currency,
        records.business_date,
        records.source_no
    from {{ ref('int_matching__open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key
    where open_items.situation not in ('nothing_due', 'refunded', 'fee_only')

),

near as (

    select
        anchors.level,
        anchors.record_type,
        anchors.record_key,
        others.source_no,
        others.business_date,
        others.amount,
        others.amount - anchors.amount as amount_gap,
        {{ days_from('anchors.business_date', 'others.business_date') }} as day_gap,
        row_number() over (
            partition by anchors.level, anchors.record_type, anchors.record_key
            order by
                abs(others.amount - anchors.amount), abs({{ days_from('anchors.business_date', 'others.business_date') }}),
                others.record_key
        ) as nearness
    from open_items as anchors
    inner join open_items as others
        on
            anchors.level = others.level
            and anchors.entity = others.entity
            and anchors.currency = others.currency
            and anchors.side <> others.side
    where
        not anchors.is_waiting
        and others.business_date between anchors.business_date - 15 and anchors.business_date + 15
        and abs(others.amount - anchors.amount) <= anchors.amount * cast(0.1 as decimal(2, 1))

),

described as (

    select
        level,
        record_type,
        record_key,
        nearness,
        '{"key": "' || source_no || '", "day": "' || business_date || '", "amount": "' || amount
        || '", "failed": "' || case
            when amount_gap = 0 and day_gap = 0 then 'no number in common'
            when amount_gap = 0 then 'no number in common, ' || day_gap || ' day(s) apart'
            else 'no number in common, differs by ' || amount_gap
        end || '"}' as candidate
    from near
    where nearness <= 3

),

int_exceptions__candidates as (

    select
        level,
        record_type,
        record_key,
        '[' || {{ listed('candidate', ', ', 'nearness') }} || ']' as nearest_candidates
    from described
    group by level, record_type, record_key

)

select * from int_exceptions__candidates
