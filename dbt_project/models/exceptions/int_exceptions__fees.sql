-- One row per fee beyond tolerance and one per rule whose change explains at least three of them.
with

changes as (

    select * from {{ ref('int_exceptions__rule_changes') }}

),

-- E208: another rate explains every deviating charge
rule_change as (

    select
        {{ exception_columns(
            'fee', "'E208'", 'finding', "'rule'", "rule_id || '|' || charged_by", 'amount',
            evident_on='received_on', difference='difference', left_key='rule_id', account='account',
            explanation="fee_count || ' charges since ' || business_date || ' follow ' || new_rate || ' instead of ' || old_rate"
        ) }}
    from changes

),

-- E201, E210: one charge, or one premium of freight insurance, is not what the rule says
fee_diff as (

    select
        {{ exception_columns(
            'fee', "case checks.fee_type when 'freight_insurance' then 'E210' else 'E201' end", 'finding', 'checks.record_type', "checks.record_key || '|' || checks.fee_type",
            'abs(checks.difference)', evident_on='checks.received_on', difference='checks.difference',
            left_key='checks.source_no', account='checks.account',
            explanation="'Charged ' || checks.charged_amount || ' on ' || checks.base_amount || ', the rule says ' || checks.expected_amount",
            parent="changes.rule_id || '|' || changes.charged_by"
        ) }}
    from {{ ref('int_exceptions__fee_checks') }} as checks
    left join changes
        on checks.rule_id = changes.rule_id and coalesce(checks.account, checks.store, '') = changes.charged_by
    where checks.is_beyond

),

-- E005: two rules of one charge that fit equally well; none of them is used
tied_rules as (

    select
        tied_rules,
        sum(charged_amount) as amount,
        count(*) as fee_count,
        min(account) as account,
        max(received_on) as received_on
    from {{ ref('int_exceptions__fee_checks') }}
    where tied_rules is not null
    group by tied_rules

),

unknown_type as (

    select
        {{ exception_columns(
            'fee', "'E005'", 'finding', "'rule'", 'tied_rules', 'amount', evident_on='received_on',
            left_key='tied_rules', account='account',
            explanation="'The rules ' || tied_rules || ' fit ' || fee_count || ' charges equally well'"
        ) }}
    from tied_rules

),

int_exceptions__fees as (

    select * from rule_change
    union all
    select * from unknown_type
    union all
    select * from fee_diff

)

select * from int_exceptions__fees
