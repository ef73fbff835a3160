-- One row per delivered movement of a wallet, deposit or ads account, with its category; rejected rows included.
{{ config(enabled=is_fed('fund_flows')) }}

with

{{ ledger_records('fund_flows') }},

rules as (

    select * from {{ ref('int_ledger__flow_categories') }}

),

-- the lower priority number comes first, then the rule that says more
candidates as (

    select
        records.file_id,
        records.row_number,
        rules.rule_id,
        rules.category,
        rules.needs_order,
        rank() over (
            partition by records.file_id, records.row_number
            order by
                rules.priority,
                case when rules.remark_pattern is not null then 4 else 0 end
                + case when rules.business_type is not null then 2 else 0 end
                + case when rules.source is not null then 1 else 0 end desc
        ) as place_no
    from records
    inner join rules
        on
            (rules.business_type is null or records.business_type = rules.business_type)
            and (rules.source is null or records.source = rules.source)
            and records.business_date >= coalesce(rules.valid_from, records.business_date)
            and records.business_date <= coalesce(rules.valid_to, records.business_date)
    where
        records.reject_column is null
        and (rules.remark_pattern is null or {{ fits('coalesce(records.remark, \'\')', 'rules.remark_pattern') }})

),

-- rules that fit equally well decide nothing
chosen as (

    select
        file_id,
        row_number,
        case when count(*) = 1 then min(rule_id) end as rule_id,
        case when count(*) = 1 then min(category) end as category,
        case when count(*) = 1 then bool_and(needs_order) end as needs_order,
        case when count(*) > 1 then cast(count(*) as integer) end as ties
    from candidates
    where place_no = 1
    group by file_id, row_number

),

int_ledger__fund_flows_records as (

    select
        {% for name in record_columns('fund_flows') if name != 'category' %}
        records.{{ name }},
        {% endfor %}
        case when records.source_category is null then chosen.category else records.category end as category,
        case when records.source_category is null then chosen.rule_id end as category_rule_id,
        case when records.source_category is null then chosen.ties end as category_ties,
        chosen.needs_order,
        case when records.direction = 'in' then records.amount else -records.amount end as signed_amount
    from records
    left join chosen
        on
            records.file_id = chosen.file_id
            and records.row_number = chosen.row_number

)

select * from int_ledger__fund_flows_records
