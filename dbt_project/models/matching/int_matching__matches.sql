-- One row per match of any level, under its published number, with the rule it was made by.
{%- set levels = matching_levels() %}
with

every_level as (
{% for level in levels %}
    select
        match_key, level, pass, entity, platform, store, account, currency, business_date, left_amount, right_amount,
        difference, status, confidence, alternatives, is_cross_day, matched_on, explanation
    from {{ ref('int_matching__' ~ level) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
),

rules as (

    select
        level,
        pass,
        min(rule_id) as rule_id,
        min(rule_version) as rule_version
    from {{ ref('int_ledger__match_rules') }}
    group by level, pass

),

int_matching__matches as (

    select
        md5('match|' || every_level.level || '|' || every_level.match_key) as match_id,
        every_level.*,
        case when every_level.pass = 'MANUAL' then {{ decision_of('every_level.match_key') }} else rules.rule_id end as rule_id,
        rules.rule_version
    from every_level
    left join rules on every_level.level = rules.level and every_level.pass = rules.pass

)

select * from int_matching__matches
