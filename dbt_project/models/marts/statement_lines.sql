-- One row per level of matching that sets money against money, side and record: when it came up, and when it was settled.
{{ config(materialized='table') }}
with

records as (

    select * from {{ ref('int_matching__records') }}

),

fees as (

    select distinct match_id, record_type, record_key
    from {{ ref('int_matching__legs') }}
    where side = 'adjustment' and level = 'order_settlement'

),

legs as (

    select
        legs.match_id,
        legs.level,
        legs.side,
        legs.record_type,
        legs.record_key,
        legs.amount,
        records.business_date,
        fees.record_key is not null as is_fee
    from {{ ref('int_matching__legs') }} as legs
    inner join records on legs.record_type = records.record_type and legs.record_key = records.record_key
    left join fees
        on
            legs.match_id = fees.match_id
            and legs.record_type = fees.record_type
            and legs.record_key = fees.record_key
    where legs.side <> 'adjustment' and legs.level in ('{{ money_levels() | join("', '") }}')

),

-- a match settles what it holds from the day on which both sides are there; what joins it later is settled as it comes.
-- A fee alone makes no match of an order and its settlement
begun as (

    select
        match_id,
        greatest(
            {% for side in ['left', 'right'] %}
            coalesce(
                min(case when side = '{{ side }}' and not is_fee then business_date end),
                min(case when side = '{{ side }}' then business_date end)
            ){{ ',' if not loop.last }}
            {% endfor %}
        ) as begun_on
    from legs
    group by match_id

),

known as (

    select match_id, {{ day_of(['known_from']) }} as known_on
    from {{ ref('int_matching__versions') }}
    where version = 1

),

matched as (

    select
        legs.level,
        legs.side,
        legs.record_type,
        legs.record_key,
        legs.amount,
        legs.match_id,
        begun.begun_on as settled_on,
        -- a match by hand is known when it is decided
        greatest(known.known_on, by_hand.decided_on) as settled_known_on,
        'match' as settled_by
    from legs
    inner join begun on legs.match_id = begun.match_id
    left join known on legs.match_id = known.match_id
    left join {{ ref('int_matching__by_hand') }} as by_hand
        on
            legs.level = by_hand.level
            and legs.record_type = by_hand.record_type
            and legs.record_key = by_hand.record_key

),

-- what the platform owes for an order, before and after what was refunded: refunds are lines of their own, so that a
-- past day stays as it was
unsettled as (

    select * from {{ ref('int_matching__order_settlement_groups') }}
    where not (order_count = 1 and money_count > 0)

),

owed as (

    select
        members.record_type,
        members.record_key,
        case when members.record_type = 'order' then 'left' else 'right' end as side,
        members.amount,
        members.group_key
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join unsettled on members.group_key = unsettled.group_key
    union all
    select
        'refund' as record_type,
        refunds.record_key,
        'left' as side,
        cast(-(refunds.amount + refunds.clawback_amount) as decimal(18, 2)) as amount,
        unsettled.group_key
    from {{ ref('int_matching__order_refunds') }} as refunds
    inner join unsettled on refunds.order_key = unsettled.order_key

),

-- an open item has the sign that it would have in a match
counted_down as (

    select 'payment_flow' as level, record_type, record_key
    from {{ ref('int_matching__payment_flow_members') }}
    where gross_amount < 0
    union all
    select 'settlement_flow' as level, 'settlement' as record_type, record_key
    from {{ ref('int_ledger__settlements') }}
    where total_amount < 0
    union all
    select 'settlement_flow' as level, 'fund_flow' as record_type, record_key
    from {{ ref('int_ledger__fund_flows') }}
    where category = 'settlement' and order_no is null and direction = 'out'
    union all
    select 'payout_bank' as level, 'bank_line' as record_type, record_key
    from {{ ref('int_ledger__bank_lines') }}
    where direction = 'out'

),

written_off as (

    select level, anchor_type as record_type, anchor_record_key as record_key, min(cleared_on) as cleared_on
    from {{ ref('int_exceptions__all') }}
    where kind = 'open' and cleared_on is not null and cleared_by <> 'match'
    group by level, anchor_type, anchor_record_key

),

unmatched as (

    select
        'order_settlement' as level,
        owed.side,
        owed.record_type,
        owed.record_key,
        owed.amount,
        -- refunded in full: nothing is owed from the last refund on
        case
            when owed.side = 'left' and unsettled.expected_amount = 0 then cast(unsettled.refund_due_on - 2 as date)
        end as refunded_on
    from owed
    inner join unsettled on owed.group_key = unsettled.group_key
    union all
    select
        open_items.level,
        open_items.side,
        open_items.record_type,
        open_items.record_key,
        cast(case when counted_down.record_key is not null then -open_items.amount else open_items.amount end as decimal(18, 2))
            as amount,
        cast(null as date) as refunded_on
    from {{ ref('int_matching__open') }} as open_items
    left join counted_down
        on
            open_items.level = counted_down.level
            and open_items.record_type = counted_down.record_type
            and open_items.record_key = counted_down.record_key
    where
        open_items.level in ('{{ money_levels() | join("', '") }}')
        and open_items.level <> 'order_settlement'
        and open_items.situation not in ('nothing_due', 'refunded')

),

every_line as (

    select level, side, record_type, record_key, amount, match_id, settled_on, settled_known_on, settled_by
    from matched
    union all
    select
        unmatched.level,
        unmatched.side,
        unmatched.record_type,
        unmatched.record_key,
        unmatched.amount,
        cast(null as string) as match_id,
        coalesce(unmatched.refunded_on, written_off.cleared_on) as settled_on,
        coalesce(unmatched.refunded_on, written_off.cleared_on) as settled_known_on,
        case
            when unmatched.refunded_on is not null then 'refund'
            when written_off.cleared_on is not null then 'decision'
        end as settled_by
    from unmatched
    left join written_off
        on
            unmatched.level = written_off.level
            and unmatched.record_type = written_off.record_type
            and unmatched.record_key = written_off.record_key

),

dated as (

    select
        every_line.*,
        records.entity,
        records.store,
        records.account,
        case
            when every_line.level = 'payout_bank' then coalesce(payouts.bank_currency, records.currency) else records.currency
        end as currency,
        records.source_no,
        records.connection,
        records.business_date,
        records.first_known_on,
        case
            when every_line.settled_on is not null then greatest(every_line.settled_on, records.business_date)
        end as closes_on,
        case
            when every_line.settled_on is not null
                then greatest(coalesce(every_line.settled_known_on, every_line.settled_on), records.first_known_on)
        end as closes_known_on,
        records.file_id,
        records.row_number
    from every_line
    inner join records
        on every_line.record_type = records.record_type and every_line.record_key = records.record_key
    left join {{ ref('int_ledger__payouts') }} as payouts
        on case when every_line.record_type = 'payout' then every_line.record_key end = payouts.record_key

),

-- what becomes known after its month was locked is told by the day on which it became known
placed as (

    select
        dated.*,
        case
            when dated.first_known_on > opening.locked_on then dated.first_known_on else dated.business_date
        end as started_on,
        case
            when dated.closes_known_on > closing.locked_on then dated.closes_known_on else dated.closes_on
        end as ended_on,
        case when dated.first_known_on > opening.locked_on then opening.period end as origin_period
    from dated
    left join {{ ref('int_ledger__period_locks') }} as opening
        on dated.entity = opening.entity and {{ period_of('dated.business_date') }} = opening.period
    left join {{ ref('int_ledger__period_locks') }} as closing
        on dated.entity = closing.entity and {{ period_of('dated.closes_on') }} = closing.period

)

select
    placed.level,
    placed.side,
    placed.record_type,
    placed.record_key,
    placed.source_no,
    placed.entity,
    placed.store,
    placed.account,
    placed.currency,
    cast(placed.amount as decimal(18, 2)) as amount,
    placed.business_date,
    placed.started_on,
    placed.first_known_on as known_on,
    placed.origin_period,
    case when placed.ended_on is not null then greatest(placed.ended_on, placed.started_on) end as matched_on,
    placed.closes_known_on as matched_known_on,
    placed.settled_by as matched_by,
    placed.match_id,
    placed.connection,
    files.sha256 as source_file_sha256,
    placed.row_number as source_row
from placed
left join {{ ref('int_ledger__files') }} as files on placed.file_id = files.file_id
where placed.amount <> 0
