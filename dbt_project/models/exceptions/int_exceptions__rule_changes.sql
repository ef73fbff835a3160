-- One row per rule and account where one other rate reproduces every deviating charge of at least three transactions.
with

deviating as (

    select
        *,
        coalesce(account, store, '') as charged_by
    from {{ ref('int_exceptions__fee_checks') }}
    where is_beyond and base_amount > 0 and rate is not null

),

sums as (

    select
        rule_id,
        charged_by,
        count(*) as fee_count,
        sum(charged_amount) as charged_amount,
        sum(base_amount) as base_amount
    from deviating
    group by rule_id, charged_by
    having count(*) >= 3

),

-- the rate is looked for in steps of 1/10000 around the sums' own rate, with whole numbers
trials as (

    select
        sums.rule_id,
        sums.charged_by,
        cast(
            (cast(floor(cast(sums.charged_amount * 10000 as double) / cast(sums.base_amount as double)) as integer)
            + steps.step) * cast(0.0001 as decimal(5, 4)) as decimal(18, 6)
        ) as trial_rate
    from sums
    cross join (select -1 as step union all select 0 as step union all select 1 as step union all select 2 as step) as steps

),

tried as (

    select
        trials.rule_id,
        trials.charged_by,
        trials.trial_rate,
        bool_and(deviating.charged_amount = {{ half_up('deviating.base_amount * trials.trial_rate') }}) as explains_all
    from trials
    inner join deviating on trials.rule_id = deviating.rule_id and trials.charged_by = deviating.charged_by
    group by trials.rule_id, trials.charged_by, trials.trial_rate

),

found as (

    select
        rule_id,
        charged_by,
        min(trial_rate) as new_rate
    from tried
    where explains_all
    group by rule_id, charged_by

),

int_exceptions__rule_changes as (

    select
        found.rule_id,
        found.charged_by,
        found.new_rate,
        min(deviating.rate) as old_rate,
        min(deviating.entity) as entity,
        min(deviating.platform) as platform,
        case when min(deviating.store) = max(deviating.store) then min(deviating.store) end as store,
        min(deviating.account) as account,
        min(deviating.currency) as currency,
        min(deviating.business_date) as business_date,
        max(deviating.received_on) as received_on,
        count(*) as fee_count,
        cast(sum(abs(deviating.difference)) as decimal(18, 2)) as amount,
        cast(sum(deviating.difference) as decimal(18, 2)) as difference
    from found
    inner join deviating on found.rule_id = deviating.rule_id and found.charged_by = deviating.charged_by
    group by found.rule_id, found.charged_by, found.new_rate

)

select * from int_exceptions__rule_changes
