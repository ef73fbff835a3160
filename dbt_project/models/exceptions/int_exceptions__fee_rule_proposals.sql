-- One row per proposed rule for charges without one: what it explains of their money, and since when.
{{ config(meta={'step_by_step': true}) }}
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

-- both rules of a place, side by side: what both explain decides nothing between them
tried as (

    select
        fees.group_key,
        fees.is_channel,
        fees.paid_on,
        fees.ordered_on,
        fees.confirmed_on,
        fees.charged_amount,
        second_rules.group_key is not null as has_second,
        fees.charged_amount = {{ charge_by_rule(charged_base('first_rules.base', 'first_rules.after_refunds', 'fees'), 'first_rules') }}
            as is_first,
        second_rules.group_key is not null
        and fees.charged_amount
        = {{ charge_by_rule(charged_base('second_rules.base', 'second_rules.after_refunds', 'fees'), 'second_rules') }} as is_second
    from fees
    inner join rules as first_rules on fees.group_key = first_rules.group_key and first_rules.choice_no = 1
    left join rules as second_rules on fees.group_key = second_rules.group_key and second_rules.choice_no = 2

),

dated as (

    select
        tried.*,
        day_bases.day_no,
        case day_bases.date_basis
            when 'paid' then tried.paid_on when 'ordered' then tried.ordered_on else tried.confirmed_on
        end as day
    from tried
    inner join day_bases on not tried.is_channel or day_bases.date_basis = 'paid'

),

daily as (
    {% for own, other in (('is_first', 'is_second'), ('is_second', 'is_first')) %}
    select
        group_key,
        {{ loop.index }} as choice_no,
        day_no,
        day,
        count(*) as fee_count,
        sum(charged_amount) as charged_amount,
        count(case when {{ own }} then 1 end) as explained_count,
        sum(case when {{ own }} then charged_amount else 0 end) as explained_amount,
        count(case when not ({{ own }} and {{ other }}) then 1 end) as telling_count,
        count(case when {{ own }} and not {{ other }} then 1 end) as own_count,
        sum(
            case when {{ own }} and {{ other }} then 0 when {{ own }} then charged_amount else -charged_amount end
        ) as net_amount
    from dated
    where day is not null and ({{ loop.index }} = 1 or has_second)
    group by group_key, day_no, day
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

-- the days on which a rule explains the most beyond what it does not explain
running as (

    select
        *,
        sum(net_amount) over (partition by group_key, choice_no, day_no order by day) - net_amount as before_amount,
        sum(net_amount) over (partition by group_key, choice_no, day_no order by day) as up_to_amount
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
        sum(case when daily.day < best_days.first_day then daily.telling_count else 0 end) as before_count,
        sum(case when daily.day < best_days.first_day then daily.own_count else 0 end) as before_own,
        sum(case when daily.day > best_days.last_day then daily.telling_count else 0 end) as after_count,
        sum(case when daily.day > best_days.last_day then daily.own_count else 0 end) as after_own
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
        case when before_count >= 3 and before_own * 2 < before_count then first_day else oldest_day end as valid_from,
        case when after_count >= 3 and after_own * 2 < after_count then last_day end as valid_to,
        newest_day
    from sides

),

-- days that suit both rules of a place go to the earlier one
apart as (

    select
        held.group_key,
        held.choice_no,
        held.day_no,
        case when earlier.group_key is null then held.valid_from else min(daily.day) end as valid_from,
        held.valid_to,
        held.newest_day
    from held
    left join held as earlier
        on
            held.group_key = earlier.group_key
            and held.choice_no <> earlier.choice_no
            and held.valid_from <= coalesce(earlier.valid_to, earlier.newest_day)
            and (
                earlier.valid_from < held.valid_from
                or (earlier.valid_from = held.valid_from and earlier.choice_no < held.choice_no)
            )
    inner join daily
        on
            held.group_key = daily.group_key
            and held.choice_no = daily.choice_no
            and held.day_no = daily.day_no
            and daily.day between held.valid_from and coalesce(held.valid_to, held.newest_day)
            and (earlier.group_key is null or daily.day > coalesce(earlier.valid_to, earlier.newest_day))
    group by
        held.group_key, held.choice_no, held.day_no, held.valid_from, held.valid_to, held.newest_day, earlier.group_key

),

-- two rules whose days do not part are no change: then the first holds on all days
parted as (

    select
        apart.group_key,
        sum(daily.explained_count) as explained_count
    from apart
    inner join daily
        on
            apart.group_key = daily.group_key
            and apart.choice_no = daily.choice_no
            and apart.day_no = daily.day_no
            and daily.day between apart.valid_from and coalesce(apart.valid_to, apart.newest_day)
    group by apart.group_key

),

undivided as (

    select
        daily.group_key,
        1 as choice_no,
        daily.day_no,
        min(daily.day) as valid_from,
        cast(null as date) as valid_to,
        max(daily.day) as newest_day
    from daily
    inner join day_basis on daily.group_key = day_basis.group_key and daily.day_no = day_basis.day_no and day_basis.place = 1
    inner join parted on daily.group_key = parted.group_key
    inner join rules on daily.group_key = rules.group_key and rules.choice_no = 2
    where daily.choice_no = 1
    group by daily.group_key, daily.day_no, parted.explained_count
    having sum(daily.explained_count) > parted.explained_count

),

settled as (

    select * from undivided
    union all
    select apart.group_key, apart.choice_no, apart.day_no, apart.valid_from, apart.valid_to, apart.newest_day
    from apart
    left join undivided on apart.group_key = undivided.group_key
    where undivided.group_key is null

),

measured as (

    select
        settled.group_key,
        settled.choice_no,
        settled.day_no,
        settled.valid_from,
        settled.valid_to,
        settled.newest_day,
        sum(daily.fee_count) as fee_count,
        sum(daily.charged_amount) as charged_amount,
        sum(daily.explained_count) as explained_count,
        sum(daily.explained_amount) as explained_amount
    from settled
    inner join daily
        on
            settled.group_key = daily.group_key
            and settled.choice_no = daily.choice_no
            and settled.day_no = daily.day_no
            and daily.day between settled.valid_from and coalesce(settled.valid_to, settled.newest_day)
    group by settled.group_key, settled.choice_no, settled.day_no, settled.valid_from, settled.valid_to, settled.newest_day

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
