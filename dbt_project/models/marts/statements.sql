-- One row per store or account, level, side, currency and day, week or month: what was open, what came up, what was settled, what is open.
{%- set groups = ['entity', 'place_kind', 'place', 'level', 'side', 'currency'] %}
{%- set sums = [
    'in_amount', 'out_amount', 'matched_amount', 'in_lines', 'matched_lines',
    'opened_low', 'opened_high', 'left_low', 'left_high', 'matched_low', 'matched_high',
] %}
{%- set digests = ['opened_low', 'opened_high', 'left_low', 'left_high', 'matched_low', 'matched_high'] %}
{%- set opened = "concat_ws('|', level, side, record_type, record_key, currency, cast(amount as string), cast(started_on as string))" %}
{%- set settled = opened[:-1] ~ ", cast(matched_on as string), matched_by, coalesce(match_id, ''))" %}
{%- set told = [] %}
{%- for amount in ['opening', 'in_amount', 'out_amount', 'matched_amount', 'closing'] %}
{%- do told.append('cast(cast(' ~ amount ~ ' as decimal(18, 2)) as string)') %}
{%- endfor %}
{%- for count in ['opening_lines', 'in_lines', 'matched_lines', 'opened_low', 'opened_high', 'matched_low', 'matched_high', 'closing_low', 'closing_high'] %}
{%- do told.append('cast(cast(' ~ count ~ ' as decimal(38, 0)) as string)') %}
{%- endfor %}
with

-- each line twice: when it came up, and when it was settled. Of a line's text the two halves of its digest are added up,
-- so that a sum stands for all its lines, in whichever order they come
lines as (

    select
        entity, store, account, level, side, currency,
        started_on as day,
        known_on,
        case when amount > 0 then amount else 0 end as in_amount,
        case when amount < 0 then -amount else 0 end as out_amount,
        0 as matched_amount,
        1 as in_lines,
        0 as matched_lines,
        cast({{ number_key(opened) }} as decimal(38, 0)) as opened_low,
        cast({{ number_key("'2' || " ~ opened) }} as decimal(38, 0)) as opened_high,
        cast(0 as decimal(38, 0)) as left_low,
        cast(0 as decimal(38, 0)) as left_high,
        cast(0 as decimal(38, 0)) as matched_low,
        cast(0 as decimal(38, 0)) as matched_high
    from {{ ref('statement_lines') }}
    union all
    select
        entity, store, account, level, side, currency,
        matched_on as day,
        matched_known_on as known_on,
        0 as in_amount,
        0 as out_amount,
        amount as matched_amount,
        0 as in_lines,
        1 as matched_lines,
        cast(0 as decimal(38, 0)) as opened_low,
        cast(0 as decimal(38, 0)) as opened_high,
        cast({{ number_key(opened) }} as decimal(38, 0)) as left_low,
        cast({{ number_key("'2' || " ~ opened) }} as decimal(38, 0)) as left_high,
        cast({{ number_key(settled) }} as decimal(38, 0)) as matched_low,
        cast({{ number_key("'2' || " ~ settled) }} as decimal(38, 0)) as matched_high
    from {{ ref('statement_lines') }}
    where matched_on is not null
    union all
    -- of closed threads the sums
    select
        entity, store, account, level, side, currency, day, known_on,
        {% for sum in sums %}
        coalesce({{ sum }}, 0) as {{ sum }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('closed', 'statement_sums') }}
    where day is not null

),

-- a record that names both belongs to the statement of its store and to that of its account
placed as (

    {% for kind in ['store', 'account'] %}
    select
        entity, '{{ kind }}' as place_kind, {{ kind }} as place, level, side, currency, day, known_on,
        {{ sums | join(', ') }}
    from lines
    where {{ kind }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

known as (

    select
        {{ groups | join(', ') }}, day, known_on,
        {% for sum in sums %}
        sum({{ sum }}) as {{ sum }}{{ ',' if not loop.last }}
        {% endfor %}
    from placed
    group by {{ groups | join(', ') }}, day, known_on
    having sum(in_lines) > 0 or sum(matched_lines) > 0

),

days as (

    select
        {{ groups | join(', ') }}, day,
        max(known_on) as known_on,
        {% for sum in sums %}
        sum({{ sum }}) as {{ sum }}{{ ',' if not loop.last }}
        {% endfor %}
    from known
    group by {{ groups | join(', ') }}, day

),

-- every group from its first day to the run's, so that what is still open is told in each week and month
spans as (

    select
        {{ groups | join(', ') }},
        min(day) as first_day,
        greatest(max(day), {{ run_variable('today') }}) as last_day
    from days
    group by {{ groups | join(', ') }}

),

{{ period_calendar() }}

periods as (

    -- a week is named by its first and its last day
    select
        'week' as period_kind,
        min(week_start) as period_start,
        cast(min(week_start) + 6 as date) as period_end,
        cast(min(week_start) as string) || '/' || cast(cast(min(week_start) + 6 as date) as string) as period
    from calendar
    group by week_start
    union all
    select 'month' as period_kind, min(month_start) as period_start, min(month_end) as period_end, month as period
    from calendar
    group by month

),

moved as (

    select
        {% for group in groups %}
        spans.{{ group }},
        {% endfor %}
        periods.period_kind, periods.period, periods.period_start, periods.period_end,
        max(days.known_on) as known_on,
        {% for sum in sums %}
        coalesce(sum(days.{{ sum }}), 0) as {{ sum }}{{ ',' if not loop.last }}
        {% endfor %}
    from spans
    inner join periods on periods.period_end >= spans.first_day and periods.period_start <= spans.last_day
    left join days
        on
            {% for group in groups %}
            spans.{{ group }} = days.{{ group }}
            and
            {% endfor %}
            days.day between periods.period_start and periods.period_end
    group by
        {% for group in groups %}
        spans.{{ group }},
        {% endfor %}
        periods.period_kind, periods.period, periods.period_start, periods.period_end
    union all
    select
        {{ groups | join(', ') }},
        'day' as period_kind, cast(day as string) as period, day as period_start, day as period_end, known_on,
        {{ sums | join(', ') }}
    from days

),

rolled as (

    select
        {{ groups | join(', ') }}, period_kind, period, period_start, period_end,
        max(known_on) over so_far as known_on,
        sum(in_amount - out_amount - matched_amount) over so_far as closing,
        sum(in_lines - matched_lines) over so_far as closing_lines,
        sum(opened_low - left_low) over so_far as closing_low,
        sum(opened_high - left_high) over so_far as closing_high,
        in_amount, out_amount, matched_amount, in_lines, matched_lines,
        {{ digests | join(', ') }}
    from moved
    window so_far as (
        partition by {{ groups | join(', ') }}, period_kind order by period_start
        rows between unbounded preceding and current row
    )

),

stated as (

    select
        rolled.*,
        closing - in_amount + out_amount + matched_amount as opening,
        closing_lines - in_lines + matched_lines as opening_lines,
        place_kind || ':' || place as scope,
        place_kind || ':' || place || '/' || level || '/' || side || '/' || currency || '/' || period as statement_id
    from rolled

),

hashed as (

    select
        *,
        {{ digest("concat_ws('|', statement_id, " ~ told | join(', ') ~ ')') }} as content_hash
    from stated

),

months_hashed as (

    select
        entity,
        period,
        {{ digest(listed("statement_id || '=' || content_hash", ' ', 'statement_id')) }} as period_hash
    from hashed
    where period_kind = 'month'
    group by entity, period

),

signed as (

    select
        months_hashed.entity,
        months_hashed.period,
        months_hashed.period_hash,
        case
            when locks.is_locked and locks.signed_hash = months_hashed.period_hash then 'locked'
            when locks.is_locked then 'changed'
            when locks.reopened_count > 0 then 'reopened'
            else 'open'
        end as state,
        locks.signed_by,
        coalesce(locks.reopened_count, 0) as reopened_count
    from months_hashed
    left join {{ ref('int_ledger__period_locks') }} as locks
        on months_hashed.entity = locks.entity and months_hashed.period = locks.period

)

select
    hashed.statement_id,
    hashed.scope,
    hashed.entity,
    case when hashed.place_kind = 'store' then hashed.place end as store,
    case when hashed.place_kind = 'account' then hashed.place end as account,
    hashed.level,
    hashed.side,
    hashed.currency,
    hashed.period_kind,
    hashed.period,
    hashed.period_start,
    hashed.period_end,
    hashed.known_on,
    cast(hashed.opening as decimal(18, 2)) as opening,
    cast(hashed.in_amount as decimal(18, 2)) as in_amount,
    cast(hashed.out_amount as decimal(18, 2)) as out_amount,
    cast(hashed.matched_amount as decimal(18, 2)) as matched,
    cast(hashed.closing as decimal(18, 2)) as closing,
    cast(hashed.opening + hashed.in_amount - hashed.out_amount - hashed.matched_amount - hashed.closing as decimal(18, 2))
        as residual,
    cast(hashed.opening_lines as bigint) as opening_lines,
    cast(hashed.in_lines as bigint) as moved_lines,
    cast(hashed.matched_lines as bigint) as matched_lines,
    cast(hashed.closing_lines as bigint) as closing_lines,
    hashed.content_hash,
    signed.period_hash,
    coalesce(signed.state, 'open') as state,
    signed.signed_by,
    cast(coalesce(signed.reopened_count, 0) as integer) as reopened_count
from hashed
left join signed on hashed.entity = signed.entity and {{ period_of('hashed.period_end') }} = signed.period
