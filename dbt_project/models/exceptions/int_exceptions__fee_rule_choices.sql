-- One row per rule that a place and kind of fee seems to follow: the simplest that explains most, and one for the rest.
{{ config(meta={'step_by_step': true}) }}
{% set sampled_points = 200 %}
{% set amounts = [
    'consideration_amount', 'goods_amount', 'paid_amount', 'goods_paid_amount', 'order_amount', 'early_base_amount',
    'early_refund_amount',
] %}
{% set bases = ['consideration', 'goods_less_discount', 'buyer_paid', 'buyer_paid_less_freight', 'order_amount', 'fixed'] %}
with

fees as (

    select * from {{ ref('int_exceptions__unruled_fees') }}

),

-- charges alike in every amount are one point
distinct_points as (

    select
        group_key, is_channel, has_refunds, charged_amount, {{ amounts | join(', ') }},
        count(*) as fee_count
    from fees
    group by group_key, is_channel, has_refunds, charged_amount, {{ amounts | join(', ') }}

),

numbered as (

    select
        *,
        row_number() over (partition by group_key order by charged_amount, {{ amounts | join(', ') }}) as point_no,
        count(*) over (partition by group_key) as point_count
    from distinct_points

),

-- rules are looked for on so many points, evenly spread from the smallest charge to the largest
points as (

    select *
    from numbered
    where (point_no * {{ sampled_points }}) % point_count < {{ sampled_points }}

),

-- in the order in which equally good ones are taken
bases as (
    {% for base in bases %}
    select {{ 2 * loop.index - 1 }} as base_no, '{{ base }}' as base, true as after_refunds
    {% if base != 'fixed' %}
    union all
    select {{ 2 * loop.index }} as base_no, '{{ base }}' as base, false as after_refunds
    union all
    {% endif %}
    {% endfor %}

),

-- a channel knows one amount: that of the payment
based as (

    select
        points.group_key,
        bases.base_no,
        bases.base,
        case when points.has_refunds and bases.base <> 'fixed' then bases.after_refunds end as after_refunds,
        points.point_no,
        points.fee_count,
        points.charged_amount,
        {{ charged_base('bases.base', 'bases.after_refunds', 'points') }} as base_amount
    from points
    inner join bases
        on
            (bases.after_refunds or points.has_refunds)
            and (not points.is_channel or bases.base in ('buyer_paid', 'fixed'))

),

fifths as (

    select
        *,
        ntile(5) over (partition by group_key, base_no order by base_amount, charged_amount, point_no) as fifth
    from based
    where base_amount > 0 and charged_amount > 0 and base <> 'fixed'

),

placed as (

    select
        *,
        row_number() over (partition by group_key, base_no, fifth order by base_amount, charged_amount, point_no) as place
    from fifths

),

-- whole steps of 1/10000: those that reproduce one charge alone, and those that lead from one to a larger one
spans as (

    select
        group_key,
        base_no,
        'rate' as form,
        fee_count,
        cast(ceil(cast((charged_amount * 200 - 1) * 50 as double) / cast(base_amount as double)) as bigint) as lowest,
        cast(ceil(cast((charged_amount * 200 + 1) * 50 as double) / cast(base_amount as double)) as bigint) - 1 as highest
    from fifths
    union all
    select
        small.group_key,
        small.base_no,
        'line' as form,
        1 as fee_count,
        cast(
            floor(
                cast(((large.charged_amount - small.charged_amount) * 100 - 1) * 100 as double)
                / cast(large.base_amount - small.base_amount as double)
            ) as bigint
        ) + 1 as lowest,
        cast(
            ceil(
                cast(((large.charged_amount - small.charged_amount) * 100 + 1) * 100 as double)
                / cast(large.base_amount - small.base_amount as double)
            ) as bigint
        ) - 1 as highest
    from placed as small
    inner join placed as large
        on
            small.group_key = large.group_key
            and small.base_no = large.base_no
            and small.place = large.place
            and large.fifth between small.fifth + 1 and small.fifth + 2
            and small.base_amount < large.base_amount

),

possible as (

    select group_key, base_no, form, fee_count, greatest(lowest, 1) as lowest, highest
    from spans
    where highest between greatest(lowest, 1) and 9999

),

covered as (

    {{ covered_steps('possible') }}

),

best as (

    select
        *,
        {{ roundest_step('lowest', 'highest') }} as step,
        row_number() over (partition by group_key, base_no, form order by weight desc, lowest) as place
    from covered

),

-- after a change some charges follow another rate
uncovered as (

    select possible.*
    from possible
    left join best
        on
            possible.group_key = best.group_key
            and possible.base_no = best.base_no
            and possible.form = best.form
            and best.place = 1
            and best.step between possible.lowest and possible.highest
    where best.place is null

),

covered_again as (

    {{ covered_steps('uncovered') }}

),

voted as (

    select group_key, base_no, form, 1 as vote, step, weight from best
    union all
    select group_key, base_no, form, 2 as vote, {{ roundest_step('lowest', 'highest') }} as step, weight
    from covered_again
    union all
    select group_key, base_no, form, 3 as vote, {{ roundest_step('lowest', 'highest') }} as step, sum(fee_count) as weight
    from possible
    group by group_key, base_no, form, {{ roundest_step('lowest', 'highest') }}

),

ranked_steps as (

    select
        *,
        row_number() over (partition by group_key, base_no, form, vote order by weight desc, step) as place
    from voted

),

rates as (

    select group_key, base_no, form, cast(step * cast(0.0001 as decimal(5, 4)) as decimal(18, 6)) as rate
    from ranked_steps
    where place <= 2
    group by group_key, base_no, form, step
    union all
    select group_key, base_no, 'line' as form, cast(0 as decimal(18, 6)) as rate
    from based
    where base = 'fixed'
    group by group_key, base_no

),

-- a fixed part is what most charges have above the rate alone
remainders as (

    select
        rates.group_key,
        rates.base_no,
        rates.rate,
        based.charged_amount - {{ half_up('based.base_amount * rates.rate') }} as fixed,
        row_number() over (
            partition by rates.group_key, rates.base_no, rates.rate
            order by sum(based.fee_count) desc, based.charged_amount - {{ half_up('based.base_amount * rates.rate') }}
        ) as place
    from rates
    inner join based on rates.group_key = based.group_key and rates.base_no = based.base_no
    where
        rates.form = 'line'
        and based.charged_amount > {{ half_up('based.base_amount * rates.rate') }}
    group by
        rates.group_key, rates.base_no, rates.rate,
        based.charged_amount - {{ half_up('based.base_amount * rates.rate') }}

),

lines as (

    select group_key, base_no, rate, cast(0 as decimal(18, 2)) as fixed from rates where form = 'rate'
    union all
    select group_key, base_no, rate, cast(fixed as decimal(18, 2)) as fixed from remainders where place <= 2

),

-- a bound is one charge on several bases, all of which the line alone puts below it, or above it
beyond as (

    select
        lines.group_key,
        lines.base_no,
        lines.rate,
        lines.fixed,
        based.charged_amount > {{ half_up('based.base_amount * lines.rate + lines.fixed') }} as is_floor,
        based.charged_amount,
        sum(based.fee_count) as fee_count
    from lines
    inner join based on lines.group_key = based.group_key and lines.base_no = based.base_no
    where based.charged_amount > 0 and based.charged_amount <> {{ half_up('based.base_amount * lines.rate + lines.fixed') }}
    group by
        lines.group_key, lines.base_no, lines.rate, lines.fixed, based.charged_amount,
        based.charged_amount > {{ half_up('based.base_amount * lines.rate + lines.fixed') }}
    having count(distinct based.base_amount) >= 2

),

bounds as (

    select
        *,
        row_number() over (
            partition by group_key, base_no, rate, fixed, is_floor order by fee_count desc, charged_amount
        ) as place
    from beyond

),

bounded as (

    select group_key, base_no, rate, fixed, cast(null as decimal(18, 2)) as minimum, cast(null as decimal(18, 2)) as maximum
    from lines
    union all
    select
        group_key,
        base_no,
        rate,
        fixed,
        case when is_floor then charged_amount end as minimum,
        case when not is_floor then charged_amount end as maximum
    from bounds
    where place = 1
    union all
    select
        floors.group_key,
        floors.base_no,
        floors.rate,
        floors.fixed,
        floors.charged_amount as minimum,
        caps.charged_amount as maximum
    from bounds as floors
    inner join bounds as caps
        on
            floors.group_key = caps.group_key
            and floors.base_no = caps.base_no
            and floors.rate = caps.rate
            and floors.fixed = caps.fixed
            and floors.is_floor
            and not caps.is_floor
            and floors.place = 1
            and caps.place = 1
            and floors.charged_amount < caps.charged_amount

),

rules as (

    select
        bounded.*,
        sides.base,
        sides.after_refunds,
        case when bounded.rate > 0 then 1 else 0 end + case when bounded.fixed > 0 then 1 else 0 end
        + case when bounded.minimum is not null then 1 else 0 end
        + case when bounded.maximum is not null then 1 else 0 end as parts,
        row_number() over (
            partition by bounded.group_key
            order by
                bounded.base_no,
                case
                    when cast(bounded.rate * 10000 as bigint) % 100 = 0 then 0
                    when cast(bounded.rate * 10000 as bigint) % 10 = 0 then 1
                    when cast(bounded.rate * 10000 as bigint) % 5 = 0 then 2
                    else 3
                end,
                bounded.rate, bounded.fixed, coalesce(bounded.minimum, 0), coalesce(bounded.maximum, 0)
        ) as rule_no
    from bounded
    inner join (
        select group_key, base_no, base, after_refunds from based group by group_key, base_no, base, after_refunds
    ) as sides on bounded.group_key = sides.group_key and bounded.base_no = sides.base_no

),

-- nothing is concluded from a rate that was not tried
hits as (

    select
        rules.group_key,
        rules.rule_no,
        rules.parts,
        based.point_no,
        based.base_amount,
        based.charged_amount,
        based.fee_count
    from rules
    inner join based on rules.group_key = based.group_key and rules.base_no = based.base_no
    where based.charged_amount = {{ charge_by_rule('based.base_amount', 'rules') }}

),

-- a rule of so many parts fits so many charges of its own accord; it has to fit one more
totals as (

    select group_key, rule_no, parts, sum(fee_count * charged_amount) as explained_amount
    from hits
    group by group_key, rule_no, parts
    having sum(fee_count) >= 3 and (parts = 1 or count(distinct (base_amount, charged_amount)) > parts)

),

first_choices as (

    select
        *,
        row_number() over (partition by group_key order by explained_amount desc, parts, rule_no) as place,
        count(*) over (partition by group_key, explained_amount, parts) - 1 as alternatives
    from totals

),

-- what the first rule leaves may follow another one: that of other days
left_over as (

    select hits.*
    from hits
    left join first_choices on hits.group_key = first_choices.group_key and first_choices.place = 1
    left join hits as taken
        on
            first_choices.group_key = taken.group_key
            and first_choices.rule_no = taken.rule_no
            and hits.point_no = taken.point_no
    where taken.point_no is null

),

second_totals as (

    select group_key, rule_no, parts, sum(fee_count * charged_amount) as left_amount
    from left_over
    group by group_key, rule_no, parts
    having sum(fee_count) >= 3 and (parts = 1 or count(distinct (base_amount, charged_amount)) > parts)

),

second_choices as (

    select
        second_totals.group_key,
        second_totals.rule_no,
        row_number() over (
            partition by second_totals.group_key
            order by
                second_totals.left_amount desc, totals.explained_amount desc, second_totals.parts,
                case when rules.base_no = first_rules.base_no then 0 else 1 end, second_totals.rule_no
        ) as place,
        count(*) over (
            partition by
                second_totals.group_key, second_totals.left_amount, totals.explained_amount, second_totals.parts
        ) - 1 as alternatives
    from second_totals
    inner join totals on second_totals.group_key = totals.group_key and second_totals.rule_no = totals.rule_no
    inner join rules on second_totals.group_key = rules.group_key and second_totals.rule_no = rules.rule_no
    inner join first_choices on second_totals.group_key = first_choices.group_key and first_choices.place = 1
    inner join rules as first_rules
        on first_choices.group_key = first_rules.group_key and first_choices.rule_no = first_rules.rule_no

),

chosen as (

    select group_key, 1 as choice_no, rule_no, alternatives from first_choices where place = 1
    union all
    select group_key, 2 as choice_no, rule_no, alternatives from second_choices where place = 1

),

int_exceptions__fee_rule_choices as (

    select
        chosen.group_key,
        chosen.choice_no,
        rules.base,
        case when rules.rate > 0 then rules.rate end as rate,
        case when rules.fixed > 0 then rules.fixed end as fixed,
        rules.minimum,
        rules.maximum,
        rules.after_refunds,
        chosen.alternatives
    from chosen
    inner join rules on chosen.group_key = rules.group_key and chosen.rule_no = rules.rule_no

)

select * from int_exceptions__fee_rule_choices
