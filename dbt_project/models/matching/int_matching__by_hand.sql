-- One row per record that two people put into a match of their own making, or took out of the matches that rules make.
{%- set levels = {
    'payout_bank': {'payout': 'left', 'bank_line': 'right'},
    'settlement_flow': {'settlement': 'left', 'fund_flow': 'right', 'payout': 'right'},
    'payment_flow': {'payment': 'left', 'fund_flow': 'right'},
} %}
{{ config(materialized='table') }}
with

decisions as (

    select
        decision_id,
        verdict_sequence,
        action,
        level,
        amount,
        currency,
        {{ day_of(['checked_at']) }} as decided_on
    from {{ ref('int_ledger__decisions') }}
    where action in ('manual_match', 'unmatch') and state = 'effective' and reverses is null

),

sides as (

    {% for level, types in levels.items() %}
    {% set outer = loop %}
    {% for type, side in types.items() %}
    select '{{ level }}' as level, '{{ type }}' as record_type, '{{ side }}' as side
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor %}
    {% endfor %}

),

-- a record still is what both saw: the same row of the same file
seen as (

    select
        decisions.decision_id,
        decisions.verdict_sequence,
        decisions.action,
        decisions.level,
        decisions.decided_on,
        members.record_type as record_type,
        members.record_key as record_key,
        sides.side,
        records.currency,
        records.amount,
        decisions.amount as approved_amount,
        decisions.currency as approved_currency,
        case when files.sha256 = members.sha256 and sides.side is not null then 1 else 0 end as is_as_seen
    from decisions
    inner join {{ ref('int_ledger__decision_members') }} as members on decisions.decision_id = members.decision_id
    left join sides on decisions.level = sides.level and members.record_type = sides.record_type
    left join {{ ref('int_matching__records') }} as records
        on
            members.record_type = records.record_type
            and members.record_key = records.record_key
            and members.row_text = cast(records.row_number as string)
    left join {{ ref('int_ledger__files') }} as files on records.file_id = files.file_id

),

-- what was approved covers the money of either side
sound as (

    select decision_id
    from seen
    group by decision_id
    having
        min(is_as_seen) = 1
        and min(currency) = max(currency)
        and min(currency) = min(approved_currency)
        and sum(case when side = 'left' then amount else 0 end) <= min(approved_amount)
        and sum(case when side = 'right' then amount else 0 end) <= min(approved_amount)
        and (min(action) = 'unmatch' or min(side) < max(side))

),

-- what a record was put into first stays as long as that holds; two people take it out again before it goes elsewhere
hindered as (

    select distinct later.decision_id
    from seen as later
    inner join seen as earlier
        on
            later.level = earlier.level
            and later.action = earlier.action
            and later.record_type = earlier.record_type
            and later.record_key = earlier.record_key
            and later.verdict_sequence > earlier.verdict_sequence
    inner join sound on earlier.decision_id = sound.decision_id

),

-- a match made by hand goes before the wish that rules leave a record alone
ranked as (

    select
        seen.*,
        row_number() over (
            partition by seen.level, seen.record_type, seen.record_key order by seen.action, seen.verdict_sequence
        ) as place_no
    from seen
    inner join sound on seen.decision_id = sound.decision_id
    where seen.decision_id not in (select decision_id from hindered)

),

int_matching__by_hand as (

    select
        level,
        record_type,
        record_key,
        decision_id,
        decided_on,
        case action when 'manual_match' then 'hand|' else 'apart|' end || decision_id as by_hand
    from ranked
    where place_no = 1

)

select * from int_matching__by_hand
