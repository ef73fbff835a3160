-- One row per place and rule whose money has come two or more days off for a fortnight, by the median of five or more.
with

lags as (

    select
        kind || '|' || coalesce(rule_id, '') || '|' || place || '|' || coalesce(calendar, '') as lag_key,
        *
    from {{ ref('int_exceptions__lags') }}

),

days as (

    select lag_key, rule_id, arrived_on as day
    from lags
    where arrived_on > {{ run_variable('today') }} - 180
    group by lag_key, rule_id, arrived_on

),

-- each day on which money arrived looks back on the fortnight that ends with it, and on the three months before that
spans as (

    select lag_key, day, 'recent' as span, cast(day - 13 as date) as first_on, day as last_on from days
    union all
    select lag_key, day, 'earlier' as span, cast(day - 104 as date) as first_on, cast(day - 14 as date) as last_on from days

),

counts as (

    select spans.lag_key, spans.day, spans.span, lags.days_off, sum(lags.event_count) as event_count
    from spans
    inner join lags
        on spans.lag_key = lags.lag_key and lags.arrived_on between spans.first_on and spans.last_on
    group by spans.lag_key, spans.day, spans.span, lags.days_off

),

running as (

    select
        *,
        sum(event_count) over (partition by lag_key, day, span order by days_off) as running_count,
        sum(event_count) over (partition by lag_key, day, span) as total_count
    from counts

),

-- of two in the middle the earlier one
medians as (

    select
        lag_key,
        day,
        min(case when span = 'recent' then days_off end) as recent_days_off,
        min(case when span = 'earlier' then days_off end) as earlier_days_off
    from running
    where total_count >= 5 and running_count * 2 >= total_count
    group by lag_key, day

),

-- later than the rule is a shift; a rule often names the latest day: sooner is one only against what was before, and so
-- is anything where there is no rule
judged as (

    select
        days.lag_key,
        days.day,
        medians.recent_days_off,
        case when days.rule_id is null then medians.earlier_days_off else 0 end as usual_days_off,
        case
            when days.rule_id is not null and medians.recent_days_off >= 2 then 1
            when days.rule_id is not null and medians.recent_days_off > -2 then 0
            when days.rule_id is null and medians.recent_days_off - medians.earlier_days_off >= 2 then 1
            when medians.recent_days_off - medians.earlier_days_off <= -2 then -1
            else 0
        end as direction
    from days
    left join medians on days.lag_key = medians.lag_key and days.day = medians.day

),

-- the newest day decides, unless it is long past
newest as (

    select judged.*
    from judged
    inner join (
        select lag_key, max(day) as day from days group by lag_key
    ) as last_days on judged.lag_key = last_days.lag_key and judged.day = last_days.day
    where judged.direction <> 0 and judged.day > {{ run_variable('today') }} - 14

),

-- the first day of the unbroken run that ends with it
turned as (

    select newest.lag_key, max(judged.day) as day
    from newest
    inner join judged on newest.lag_key = judged.lag_key and newest.direction <> judged.direction
    group by newest.lag_key

),

evident as (

    select newest.lag_key, min(days.day) as day
    from newest
    inner join days on newest.lag_key = days.lag_key
    left join turned on newest.lag_key = turned.lag_key
    where turned.day is null or days.day > turned.day
    group by newest.lag_key

),

int_exceptions__lag_shifts as (

    select
        newest.lag_key,
        lags.kind,
        lags.place,
        lags.account,
        lags.rule_id,
        min(lags.arrived_on) as business_date,
        cast(evident.day + 1 as date) as evident_on,
        cast(sum(lags.event_count) as bigint) as event_count,
        newest.recent_days_off + coalesce(lags.lag_days, 0) as median_days,
        newest.usual_days_off + coalesce(lags.lag_days, 0) as usual_days,
        case when lags.calendar is null then 'day(s)' else 'working day(s)' end as day_word
    from newest
    inner join evident on newest.lag_key = evident.lag_key
    inner join lags
        on
            newest.lag_key = lags.lag_key
            and lags.arrived_on >= evident.day - 13
            and (lags.days_off - newest.usual_days_off) * newest.direction >= 2
    group by
        newest.lag_key,
        newest.recent_days_off,
        newest.usual_days_off,
        lags.kind,
        lags.place,
        lags.account,
        lags.rule_id,
        lags.lag_days,
        lags.calendar,
        evident.day

)

select * from int_exceptions__lag_shifts
