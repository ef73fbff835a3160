-- One row per match and moment, from when both sides are known, at which a record of it is first told or states another sum.
{%- set types = {
    'order': ['orders', 'buyer_paid'], 'refund': ['refunds', 'amount'], 'payment': ['payments', 'amount'],
    'fund_flow': ['fund_flows', 'amount'], 'settlement': ['settlements', 'total_amount'],
    'settlement_line': ['settlement_lines', 'amount'], 'payout': ['payouts', 'amount'],
    'bank_line': ['bank_lines', 'amount'],
} %}
with

legs as (

    select distinct
        match_id,
        level in ('{{ money_levels() | join("', '") }}', 'order_order') as is_money,
        side,
        record_type,
        record_key,
        amount
    from {{ ref('int_matching__legs') }}
    where side <> 'adjustment'

),

-- goods have no sum that could change
goods as (

    select 'return' as record_type, record_key, first_known_at as known_from from {{ ref('int_ledger__returns') }}
    union all
    select 'shipment' as record_type, record_key, first_known_at as known_from from {{ ref('int_ledger__shipments') }}

),

stated as (
{% for type, (stream, amount) in types.items() %}
    select
        '{{ type }}' as record_type,
        record_key,
        version,
        known_from,
        {{ told_by(type, stream, stream) }} as told,
        cast({{ amount }} as decimal(18, 2)) as amount,
        cast({{ amount }} as decimal(18, 2)) as newest_amount
    from {{ ref('int_ledger__' ~ stream) }} as {{ stream }}
    union all
{% endfor %}
    select
        record_type,
        record_key,
        1 as version,
        known_from,
        record_type as told,
        cast(0 as decimal(18, 2)) as amount,
        cast(0 as decimal(18, 2)) as newest_amount
    from goods

),

-- what a past version leaves out was as it is now
past as (
{% for type, (stream, amount) in types.items() %}
    select
        '{{ type }}' as record_type,
        past.record_key,
        past.version,
        past.known_from,
        {{ told_by(type, stream, 'past') }} as told,
        cast(coalesce(past.{{ amount }}, newest.{{ amount }}) as decimal(18, 2)) as amount,
        cast(newest.{{ amount }} as decimal(18, 2)) as newest_amount
    from {{ ref('int_ledger__' ~ stream ~ '_versions') }} as past
    inner join {{ ref('int_ledger__' ~ stream) }} as newest on past.record_key = newest.record_key
    where past.known_to is not null
    {% if not loop.last %}union all{% endif %}
{% endfor %}
),

-- most records are told once: only the others pay for being put in order
moved as (

    select record_type, record_key, known_from, told, version = 1 as is_first, amount as moved_amount, newest_amount
    from stated
    where version = 1
    union all
    select
        record_type,
        record_key,
        known_from,
        told,
        version = 1 as is_first,
        amount - coalesce(lag(amount) over (partition by record_type, record_key order by version), 0) as moved_amount,
        newest_amount
    from (select * from stated where version > 1 union all select * from past) as restated

),

-- a level may count a record against its side, as a refund against its order
events as (

    select
        legs.match_id,
        legs.side,
        moved.known_from,
        moved.told,
        moved.is_first,
        case
            when not legs.is_money then 0
            when legs.amount * moved.newest_amount < 0 then -moved.moved_amount
            else moved.moved_amount
        end as moved_amount
    from legs
    inner join moved on legs.record_type = moved.record_type and legs.record_key = moved.record_key
    where moved.told is not null

),

whole as (

    select
        match_id,
        greatest(
            min(case when side = 'left' then known_from end), min(case when side = 'right' then known_from end)
        ) as begun_at,
        max(known_from) as told_at,
        {% for side in ['left', 'right'] %}
        sum(case when side = '{{ side }}' and is_first then 1 else 0 end) as {{ side }}_legs,
        sum(case when side = '{{ side }}' then moved_amount else 0 end) as {{ side }}_stated_amount{{ ',' if not loop.last }}
        {% endfor %}
    from events
    group by match_id

),

moments as (

    select
        whole.match_id,
        greatest(events.known_from, whole.begun_at) as known_from,
        {{ listed_once('events.told', ',') }} as changed_columns,
        {% for side in ['left', 'right'] %}
        sum(case when events.side = '{{ side }}' and events.is_first then 1 else 0 end) as {{ side }}_legs,
        sum(case when events.side = '{{ side }}' then events.moved_amount else 0 end) as {{ side }}_moved{{ ',' if not loop.last }}
        {% endfor %}
    from whole
    inner join events on whole.match_id = events.match_id
    where whole.told_at > whole.begun_at
    group by whole.match_id, greatest(events.known_from, whole.begun_at)

),

int_matching__versions as (

    select
        match_id,
        1 as version,
        begun_at as known_from,
        cast(null as {{ type_moment() }}) as known_to,
        cast(null as string) as changed_columns,
        left_legs,
        right_legs,
        left_stated_amount,
        right_stated_amount
    from whole
    where told_at = begun_at
    union all
    select
        match_id,
        row_number() over in_order as version,
        known_from,
        lead(known_from) over in_order as known_to,
        case when lag(known_from) over in_order is not null then changed_columns end as changed_columns,
        {% for side in ['left', 'right'] %}
        sum({{ side }}_legs) over so_far as {{ side }}_legs,
        {% endfor %}
        {% for side in ['left', 'right'] %}
        sum({{ side }}_moved) over so_far as {{ side }}_stated_amount{{ ',' if not loop.last }}
        {% endfor %}
    from moments
    window
        in_order as (partition by match_id order by known_from),
        so_far as (partition by match_id order by known_from rows between unbounded preceding and current row)

)

select * from int_matching__versions
