-- One row per proposed rule for charges without one: what it explains of their money, and since when.
{% set least_share = '0.60' %}
{% set days = ['paid', 'ordered', 'confirmed'] %}
with

fees as (

    select * from {{ ref('int_exceptions__unruled_fees') }}

),

rules as (

    select * from {{ ref('int_exceptions__fee_rule_choices') }}

),

day_bases as (
    {% for day in days %}
    select {{ loop.index }} as day_no, '{{ day }}' as date_basis
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

dated as (

    select
        rules.group_key,
        rules.choice_no,
        day_bases.day_no,
        case day_bases.date_basis
            when 'paid' then fees.paid_on when 'ordered' then fees.ordered_on else fees.confirmed_on
        end as day,
        fees.charged_amount,
        fees.charged_amount
        = {{ charge_by_rule(charged_base('rules.base', 'rules.after_refunds', 'fees'), 'rules') }} as is_explained
    from rules
    inner join fees on rules.group_key = fees.group_key
    inner join day_bases on not fees.is_channel or day_bases.date_basis = 'paid'

),

daily as (

    select
        group_key,
        choice_no,
        day_no,
        day,
        count(*) as fee_count,
        sum(charged_amount) as charged_amount,
        count(case when is_explained then 1 end) as explained_count,
        sum(case when is_explained then charged_amount else 0 end) as explained_amount
    from dated
    where day is not null
    group by group_key, choice_no, day_no, day

),

-- the days on which a rule explains the most beyond what it does not explain
running as (

    select
        *,
        sum(2 * explained_amount - charged_amount) over (partition by group_key, choice_no, day_no order by day)
        - (2 * explained_amount - charged_amount) as before_amount,
        sum(2 * explained_amount - charged_amount) over (partition by group_key, choice_no, day_no order by day) as up_to_amount
    from daily

),

deepest as (

    select
        *,
        min(before_amount) over (
            partition by group_key, choice_no, day_no order by day rows between unbounded preceding and current row
        ) as deepest_amount
    from running

),

last_days as (

    select
        *,
        up_to_amount - deepest_amount as gain_amount,
        row_number() over (
            partition by group_key, choice_no, day_no order by up_to_amount - deepest_amount desc, day desc
        ) as place
    from deepest

),

day_basis as (

    select
        group_key,
        day_no,
        row_number() over (partition by group_key order by sum(gain_amount) desc, day_no) as place
    from last_days
    where place = 1
    group by group_key, day_no

),

best_days as (

    select
        last_days.group_key,
        last_days.choice_no,
        last_days.day_no,
        min(daily.day) as first_day,
        last_days.day as last_day
    from last_days
    inner join day_basis
        on last_days.group_key = day_basis.group_key and last_days.day_no = day_basis.day_no and day_basis.place = 1
    inner join deepest as daily
        on
            last_days.group_key = daily.group_key
            and last_days.choice_no = daily.choice_no
            and last_days.day_no = daily.day_no
            and last_days.deepest_amount = daily.before_amount
            and last_days.day >= daily.day
    where last_days.place = 1
    group by last_days.group_key, last_days.choice_no, last_days.day_no, last_days.day

),

sides as (

    select
        best_days.group_key,
        best_days.choice_no,
        best_days.day_no,
        best_days.first_day,
        best_days.last_day,
        min(daily.day) as oldest_day,
        max(daily.day) as newest_day,
        sum(case when daily.day < best_days.first_day then daily.fee_count else 0 end) as before_count,
        sum(case when daily.day < best_days.first_day then daily.explained_count else 0 end) as before_explained,
        sum(case when daily.day > best_days.last_day then daily.fee_count else 0 end) as after_count,
        sum(case when daily.day > best_days.last_day then daily.explained_count else 0 end) as after_explained
    from best_days
    inner join daily
        on
            best_days.group_key = daily.group_key
            and best_days.choice_no = daily.choice_no
            and best_days.day_no = daily.day_no
    group by best_days.group_key, best_days.choice_no, best_days.day_no, best_days.first_day, best_days.last_day

),

-- a rule begins or ends only where it explains few of at least three charges beyond; odd charges are no change
held as (

    select
        group_key,
        choice_no,
        day_no,
        case when before_count >= 3 and before_explained * 2 < before_count then first_day else oldest_day end as valid_from,
        case when after_count >= 3 and after_explained * 2 < after_count then last_day end as valid_to,
        newest_day
    from sides

),

-- two proposals for one place share no day
apart as (

    select held.*
    from held
    left join held as first_held
        on
            held.group_key = first_held.group_key
            and first_held.choice_no = 1
            and held.choice_no = 2
            and held.valid_from <= coalesce(first_held.valid_to, first_held.newest_day)
            and coalesce(held.valid_to, held.newest_day) >= first_held.valid_from
    where first_held.group_key is null

),

measured as (

    select
        apart.group_key,
        apart.choice_no,
        apart.day_no,
        apart.valid_from,
        apart.valid_to,
        apart.newest_day,
        sum(daily.fee_count) as fee_count,
        sum(daily.charged_amount) as charged_amount,
        sum(daily.explained_count) as explained_count,
        sum(daily.explained_amount) as explained_amount
    from apart
    inner join daily
        on
            apart.group_key = daily.group_key
            and apart.choice_no = daily.choice_no
            and apart.day_no = daily.day_no
            and daily.day between apart.valid_from and coalesce(apart.valid_to, apart.newest_day)
    group by apart.group_key, apart.choice_no, apart.day_no, apart.valid_from, apart.valid_to, apart.newest_day

),

places as (

    select
        group_key,
        is_channel,
        entity,
        platform,
        store,
        account,
        currency,
        fee_type,
        count(*) as group_count,
        sum(charged_amount) as group_amount
    from fees
    group by group_key, is_channel, entity, platform, store, account, currency, fee_type

),

-- a rule that begins later stays in force
later_rules as (

    select
        measured.group_key,
        measured.choice_no,
        min(in_force.valid_from) as valid_from
    from measured
    inner join places on measured.group_key = places.group_key
    inner join {{ ref('int_ledger__fee_rules') }} as in_force
        on
            places.fee_type = in_force.fee_type
            and coalesce(in_force.platform, places.platform, '') = coalesce(places.platform, '')
            and coalesce(in_force.store, places.store, '') = coalesce(places.store, '')
            and coalesce(in_force.account, places.account, '') = coalesce(places.account, '')
            and measured.newest_day < in_force.valid_from
    where in_force.category is null
    group by measured.group_key, measured.choice_no

),

int_exceptions__fee_rule_proposals as (

    select
        places.entity,
        places.platform,
        places.store,
        places.account,
        places.currency,
        places.fee_type,
        rules.base,
        rules.rate,
        rules.fixed,
        rules.minimum,
        rules.maximum,
        rules.after_refunds,
        day_bases.date_basis,
        measured.valid_from,
        coalesce(measured.valid_to, later_rules.valid_from - 1) as valid_to,
        cast(measured.fee_count as bigint) as fee_count,
        cast(measured.explained_count as bigint) as explained_count,
        cast(measured.charged_amount as decimal(18, 2)) as charged_amount,
        cast(measured.explained_amount as decimal(18, 2)) as explained_amount,
        cast(
            {{ half_up_share('10000', 'measured.explained_amount', 'measured.charged_amount') }} * cast(0.0001 as decimal(5, 4))
            as decimal(9, 6)
        ) as explained_share,
        cast(places.group_count - measured.fee_count as bigint) as other_count,
        cast(places.group_amount - measured.charged_amount as decimal(18, 2)) as other_amount,
        rules.alternatives
    from measured
    inner join places on measured.group_key = places.group_key
    inner join rules on measured.group_key = rules.group_key and measured.choice_no = rules.choice_no
    inner join day_bases on measured.day_no = day_bases.day_no
    left join later_rules on measured.group_key = later_rules.group_key and measured.choice_no = later_rules.choice_no
    where
        measured.explained_count >= 3
        and measured.charged_amount > 0
        and measured.explained_amount >= measured.charged_amount * cast({{ least_share }} as decimal(3, 2))

)

select * from int_exceptions__fee_rule_proposals
