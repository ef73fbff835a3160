-- One row per day, scope, currency and indicator: what it counts, of how much, and what it should be.
{%- set today = run_variable('today') %}
{%- set overruling = ['manual_match', 'unmatch', 'correct', 'link', 'map', 'split', 'write_off'] %}
{#- numerator and denominator: which measures, what of them; the target; the kinds of scope, where not every one -#}
{%- set kpis = [
    ('match_rate_count', ['first_pass', 'later_pass'], 'items', ['first_pass', 'later_pass', 'missing'], 'items', '0.995', none),
    (
        'match_rate_amount', ['first_pass', 'later_pass'], 'amount', ['first_pass', 'later_pass', 'missing'], 'amount',
        '0.999', none,
    ),
    ('first_pass_rate', ['first_pass'], 'items', ['first_pass', 'later_pass', 'missing'], 'items', '0.95', none),
    ('unexplained_rate', ['unexplained'], 'amount', ['sales'], 'amount', '0.0005', none),
    ('open_over_30_days', ['overaged'], 'amount', ['overaged', 'aging'], 'amount', '0', none),
    ('resolved_in_time', ['in_time'], 'items', ['in_time', 'late'], 'items', '0.95', none),
    ('effective_fee_rate', ['fees'], 'amount', ['fees'], 'base_amount', none, none),
    ('fee_drift', ['drift'], 'amount', ['drift'], 'base_amount', '0.001', ['fee_type']),
    ('refund_rate', ['refunds'], 'amount', ['refunds'], 'base_amount', none, none),
    ('rule_precision', ['by_rule'], 'items', ['by_rule', 'taken_apart'], 'items', '0.999', ['all']),
    ('override_rate', ['overruled'], 'items', ['by_rule', 'overruled'], 'items', none, ['all']),
    ('reopen_rate', ['reopened'], 'items', ['reopened', 'held'], 'items', none, ['all']),
] %}
with

-- of closed threads the sums
closed_sums as (

    select day, entity, store, level, currency, measure, items, amount, base_amount
    from {{ source('closed', 'kpi_sums') }}

),

matches as (

    select
        business_date as day,
        entity,
        store,
        level,
        currency,
        case when pass in ('P1', 'P2', 'P3') then 'first_pass' else 'later_pass' end as measure,
        1 as items,
        case when level in ('{{ money_levels() | join("', '") }}') then coalesce(abs(left_amount), 0) else 0 end as amount,
        0 as base_amount
    from {{ ref('matches') }}
    union all
    select
        matched_on as day,
        entity,
        store,
        level,
        currency,
        case when pass = 'MANUAL' then 'by_hand' else 'by_rule' end as measure,
        1 as items,
        0 as amount,
        0 as base_amount
    from {{ ref('matches') }}

),

orders as (

    {% for measure, amount, base_amount in [
        ('sales', 'consideration', '0'),
        ('fees', 'fee_amount', 'case when fee_amount <> 0 then consideration else 0 end'),
        ('refunds', 'refunded_amount', 'paid_amount'),
    ] %}
    select
        business_date as day,
        entity,
        store,
        cast(null as string) as level,
        currency,
        '{{ measure }}' as measure,
        1 as items,
        coalesce({{ amount }}, 0) as amount,
        coalesce({{ base_amount }}, 0) as base_amount
    from {{ ref('orders') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- charges that a rule covers: what was taken beyond it
charges as (

    select
        business_date as day,
        entity,
        store,
        fee_type as level,
        currency,
        'drift' as measure,
        1 as items,
        coalesce(difference, 0) as amount,
        coalesce(base, 0) as base_amount
    from {{ ref('fee_checks') }}
    where rule_id is not null

),

-- what is open is in an open thread
broken as (

    select *
    from {{ ref('int_exceptions__all') }}
    where status not in ('timing', 'cleared') and parent_exception_id is null

),

exceptions as (

    select
        business_date as day,
        entity,
        store,
        level,
        currency,
        'missing' as measure,
        1 as items,
        case when level in ('{{ money_levels() | join("', '") }}') then amount else 0 end as amount,
        0 as base_amount
    from broken
    where kind = 'open'
    union all
    select
        business_date as day,
        entity,
        store,
        cast(null as string) as level,
        currency,
        'unexplained' as measure,
        1 as items,
        open_amount as amount,
        0 as base_amount
    from broken
    union all
    select
        {{ today }} as day,
        entity,
        store,
        level,
        currency,
        case
            when severity in ('S1', 'S2') and {{ days_from('business_date', today) }} > 30 then 'overaged'
            else 'aging'
        end as measure,
        1 as items,
        open_amount as amount,
        0 as base_amount
    from broken

),

resolved as (

    select
        day,
        entity,
        store,
        level,
        currency,
        case is_in_time when 1 then 'in_time' else 'late' end as measure,
        1 as items,
        0 as amount,
        0 as base_amount
    from {{ ref('int_exceptions__resolved') }}

),

-- what two people decided, on the day of its approval; it is counted for all together only
decided as (

    select action, state, currency, {{ day_of(['checked_at']) }} as day
    from {{ ref('decisions') }}
    where state in ('effective', 'contradicted', 'orphaned') and reverses is null and checked_at is not null

),

decisions as (

    {% for measure, condition in [
        ('overruled', "state = 'effective' and action in ('" ~ overruling | join("', '") ~ "')"),
        ('taken_apart', "state = 'effective' and action = 'unmatch'"),
        ('reopened', "state in ('contradicted', 'orphaned')"),
        ('held', "state = 'effective'"),
    ] %}
    select
        day,
        cast(null as string) as entity,
        cast(null as string) as store,
        cast(null as string) as level,
        coalesce(currency, {{ run_variable('base_currency') }}) as currency,
        '{{ measure }}' as measure,
        1 as items,
        0 as amount,
        0 as base_amount
    from decided
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        day,
        entity,
        store,
        level,
        currency,
        measure,
        sum(items) as items,
        sum(amount) as amount,
        sum(base_amount) as base_amount
    from (
        {% for part in ['closed_sums', 'matches', 'orders', 'charges', 'exceptions', 'resolved', 'decisions'] %}
        select * from {{ part }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as parts
    group by day, entity, store, level, currency, measure
    having sum(items) > 0

),

scoped as (

    {% for scope_kind, scope in [
        ("'all'", "'all'"), ("'entity'", 'entity'), ("'store'", 'store'),
        ("case when measure = 'drift' then 'fee_type' else 'level' end", 'level'),
    ] %}
    select
        day,
        {{ scope_kind }} as scope_kind,
        {{ scope }} as scope,
        currency,
        measure,
        items,
        amount,
        base_amount
    from summed
    where {{ scope }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    {% for kpi, part, of_part, whole, of_whole, target, kinds in kpis %}
    select
        day,
        scope_kind,
        scope,
        currency,
        '{{ kpi }}' as kpi,
        cast(
            sum(case when measure in ('{{ part | join("', '") }}') then {{ of_part }} else 0 end) as decimal(18, 2)
        ) as numerator,
        cast(
            sum(case when measure in ('{{ whole | join("', '") }}') then {{ of_whole }} else 0 end) as decimal(18, 2)
        ) as denominator,
        cast({{ target if target else 'null' }} as decimal(18, 6)) as target
    from scoped
    where
        measure in ('{{ (part + whole) | unique | join("', '") }}')
        {% if kinds %}and scope_kind in ('{{ kinds | join("', '") }}'){% endif %}

    group by day, scope_kind, scope, currency
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    day,
    scope_kind,
    scope,
    currency,
    kpi,
    numerator,
    denominator,
    {{ rate_of('numerator', 'denominator') }} as value,
    target,
    case
        when target is null or denominator <= 0 then 'none'
        when kpi in ('unexplained_rate', 'open_over_30_days', 'fee_drift')
            then case when abs({{ rate_of('numerator', 'denominator') }}) <= target then 'met' else 'missed' end
        when {{ rate_of('numerator', 'denominator') }} >= target then 'met'
        else 'missed'
    end as target_state
from counted
where denominator <> 0 or numerator <> 0
