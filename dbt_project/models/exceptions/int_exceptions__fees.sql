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

-- E201: one charge, not what the rule says
fee_diff as (

    select
        {{ exception_columns(
            'fee', "'E201'", 'finding', 'checks.record_type', "checks.record_key || '|' || checks.fee_type",
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

int_exceptions__fees as (

    select * from rule_change
    union all
    select * from fee_diff

)

select * from int_exceptions__fees
