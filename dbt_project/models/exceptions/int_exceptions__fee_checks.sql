-- One row per charged fee: the rule that applies, what it would have charged, and the rate the charge implies.
with

fees as (

    select * from {{ ref('int_exceptions__charged_fees') }}

),

-- the more specific rule wins
candidates as (

    select
        fees.record_type,
        fees.record_key,
        fees.fee_type,
        rules.rule_id,
        rank() over (
            partition by fees.record_type, fees.record_key, fees.fee_type
            order by
                case when rules.account is not null then 0 else 1 end,
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end
        ) as rule_rank
    from fees
    inner join {{ ref('int_ledger__fee_rules') }} as rules
        on
            fees.fee_type = rules.fee_type
            and coalesce(rules.platform, fees.platform, '') = coalesce(fees.platform, '')
            and coalesce(rules.store, fees.store, '') = coalesce(fees.store, '')
            and coalesce(rules.account, fees.account, '') = coalesce(fees.account, '')
            and case rules.date_basis
                when 'ordered' then fees.ordered_on when 'paid' then fees.paid_on
                when 'confirmed' then fees.confirmed_on else fees.business_date
            end between coalesce(rules.valid_from, date '1900-01-01') and coalesce(rules.valid_to, date '9999-12-31')
    where rules.category is null

),

-- rules that fit equally well decide nothing
chosen as (

    select
        record_type,
        record_key,
        fee_type,
        case when count(*) = 1 then min(rule_id) end as rule_id,
        case when count(*) > 1 then {{ listed('rule_id', ' ', 'rule_id') }} end as tied_rules
    from candidates
    where rule_rank = 1
    group by record_type, record_key, fee_type

),

based as (

    select
        fees.*,
        chosen.tied_rules,
        rules.rule_id,
        rules.rule_version,
        rules.rate,
        rules.fixed,
        rules.minimum,
        rules.maximum,
        {{ charged_base('rules.base', 'rules.after_refunds', 'fees') }} as base_amount
    from fees
    left join chosen
        on
            fees.record_type = chosen.record_type
            and fees.record_key = chosen.record_key
            and fees.fee_type = chosen.fee_type
    left join {{ ref('int_ledger__fee_rules') }} as rules on chosen.rule_id = rules.rule_id

),

expected as (

    select
        *,
        case
            when rule_id is not null
                then {{ charge_by_rule('base_amount', 'based') }}
        end as expected_amount
    from based

),

int_exceptions__fee_checks as (

    select
        expected.record_type,
        expected.record_key,
        expected.entity,
        expected.platform,
        expected.store,
        expected.account,
        expected.currency,
        expected.business_date,
        expected.received_on,
        expected.source_no,
        expected.order_no,
        expected.fee_type,
        expected.base_amount,
        cast(expected.expected_amount as decimal(18, 2)) as expected_amount,
        cast(expected.charged_amount as decimal(18, 2)) as charged_amount,
        cast(expected.charged_amount - expected.expected_amount as decimal(18, 2)) as difference,
        expected.rule_id,
        expected.tied_rules,
        expected.rule_version,
        expected.rate,
        case
            when expected.base_amount > 0
                then cast(cast(expected.charged_amount as double) / cast(expected.base_amount as double) as decimal(18, 6))
        end as implied_rate,
        coalesce(abs(expected.charged_amount - expected.expected_amount) > parameters.fee_tol_txn, false) as is_beyond
    from expected
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_exceptions__fee_checks
