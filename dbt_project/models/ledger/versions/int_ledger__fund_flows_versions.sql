-- One row per version of a movement of a wallet, deposit or ads account, with the category that the rules give it.
{{ config(
    materialized='incremental' if is_fed('fund_flows') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('fund_flows') }}" if is_fed('fund_flows') else [],
) }}

{% if is_fed('fund_flows') %}
with

{{ ledger_versions('fund_flows') }},

rules as (

    select
        *,
        {{ literal_part('remark_pattern') }} as remark_part
    from {{ ref('int_ledger__flow_categories') }}

),

connections as (

    select * from {{ ref('int_ledger__connections') }}

),

-- the lower priority number comes first, then the rule that says more
candidates as (

    select
        versions.record_key,
        versions.version,
        rules.rule_id,
        rules.category,
        rules.needs_order,
        rank() over (
            partition by versions.record_key, versions.version
            order by
                coalesce(rules.priority, 1000),
                case when rules.remark_pattern is not null then 4 else 0 end
                + case when rules.business_type is not null then 2 else 0 end
                + case when rules.source is not null then 1 else 0 end desc
        ) as place_no
    from versions
    inner join connections on versions.connection = connections.connection
    inner join rules
        on
            (rules.business_type is null or versions.business_type = rules.business_type)
            and (rules.source is null or connections.source = rules.source)
            and versions.business_date >= coalesce(rules.valid_from, versions.business_date)
            and versions.business_date <= coalesce(rules.valid_to, versions.business_date)
    where
        rules.remark_pattern is null
        or {{ fits("coalesce(versions.remark, '')", 'rules.remark_pattern', 'rules.remark_part') }}

),

-- rules that fit equally well decide nothing
chosen as (

    select
        record_key,
        version,
        case when count(*) = 1 then min(rule_id) end as rule_id,
        case when count(*) = 1 then min(category) end as category,
        case when count(*) = 1 then bool_and(needs_order) end as needs_order,
        case when count(*) > 1 then cast(count(*) as integer) end as ties
    from candidates
    where place_no = 1
    group by record_key, version

),

-- a category that the file itself names wins, also one that nobody knows; so does one that two people gave
int_ledger__fund_flows_versions as (

    select
        {% for name in common_columns() %}
        versions.{{ name }},
        {% endfor %}
        {% for column in ledger_columns('fund_flows') %}
        {% if column.name == 'category' %}
        case when versions.source_category is null then coalesce(versions.category, chosen.category) else versions.category end as category,
        {% else %}
        versions.{{ column.name }},
        {% endif %}
        {% endfor %}
        case when versions.source_category is null then chosen.rule_id end as category_rule_id,
        case when versions.source_category is null then chosen.ties end as category_ties,
        chosen.needs_order,
        case when versions.direction = 'in' then versions.amount else -versions.amount end as signed_amount
    from versions
    left join chosen
        on
            versions.record_key = chosen.record_key
            and versions.version = chosen.version

)

select * from int_ledger__fund_flows_versions
{% else %}
{{ empty_stream('fund_flows', {
    'category_rule_id': 'varchar',
    'category_ties': 'integer',
    'needs_order': 'boolean',
    'signed_amount': 'decimal(18, 2)',
}) }}
{% endif %}
