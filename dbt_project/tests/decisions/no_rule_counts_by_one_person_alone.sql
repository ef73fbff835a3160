-- A row of a rule table that counts, although a second person approved other rows of that table and not this one. Read
-- from the log and the tables as they were landed, and not from the model that judges decisions.
{{ config(meta={'dagster': {'ref': {'name': 'decisions'}}}) }}
{%- set row_columns = ['rule_id', 'valid_from', 'valid_to', 'evidence'] %}
{%- set tables = {
    'fee_rules': [
        'platform', 'store', 'account', 'fee_type', 'category', 'base', 'rate', 'fixed', 'minimum', 'maximum',
        'refundable', 'after_refunds', 'date_basis',
    ] + row_columns,
    'settlement_rules': [
        'platform', 'store', 'trigger', 'lag_days', 'day_kind', 'tier', 'net_or_gross', 'wallet_lag_days',
    ] + row_columns,
    'promise_rules': ['platform', 'ship_mode', 'ship_hours', 'pickup_hours'] + row_columns,
    'match_rules': [
        'level', 'pass', 'keys', 'window_before', 'window_after', 'day_kind', 'tolerance_below', 'tolerance_above',
    ] + row_columns,
    'flow_categories': [
        'source', 'business_type', 'remark_pattern', 'category', 'needs_order', 'priority',
    ] + row_columns,
    'bank_calendar': ['calendar', 'day', 'is_open'] + row_columns,
    'freight_rates': [
        'carrier', 'zone', 'first_weight', 'first_price', 'step_weight', 'step_price',
    ] + row_columns,
    'owners': ['code', 'severity', 'role', 'person', 'sla_hours'] + row_columns,
    'people': ['person', 'roles', 'limit_amount', 'public_key'],
} %}
with

approvals as (

    select
        proposals.content,
        {{ json_text('proposals.content', '$.rule_table') }} as rule_table
    from {{ source('decisions', 'events') }} as proposals
    inner join {{ source('decisions', 'events') }} as verdicts
        on
            proposals.decision_id = verdicts.decision_id
            and proposals.person <> verdicts.person
    inner join (
        select
            person,
            max(case when contains(roles, 'FM') then 1 else 0 end) as is_manager,
            max(case when contains(roles, 'supervisor') then 1 else 0 end) as is_supervisor
        from {{ source('rules', 'people') }}
        group by person
    ) as checkers on verdicts.person = checkers.person
    where
        proposals.kind = 'proposed'
        and verdicts.kind = 'approved'
        and proposals.is_signature_valid in ('true', 'unsigned')
        and verdicts.is_signature_valid = 'true'
        and {{ json_text('proposals.content', '$.action') }} = 'rules'
        and (
            checkers.is_manager = 1
            or (checkers.is_supervisor = 1 and {{ json_text('proposals.content', '$.rule_table') }} <> 'people')
        )

),

{% for table, columns in tables.items() %}
approved_{{ table }} as (

    select {{ each_item(json_field_list('content', '$.rows', columns)) }} as row_of_table
    from approvals
    where rule_table = '{{ table }}'

),

landed_{{ table }} as (

    select *
    from {{ source('rules', table) }}
    where
        file_id = (select max(file_id) from {{ source('rules', table) }})
        and (select count(*) from approved_{{ table }}) > 0
        -- a table on trial lies in an archive beside the real one
        and file_id not in (select file_id from {{ source('archive', 'landed_files') }} where name like 'trial/%')

),

alone_{{ table }} as (

    select
        {%- for column in columns %}
        coalesce({{ quoted(column) }}, '') as {{ quoted(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from landed_{{ table }}
    except
    select
        {%- for column in columns %}
        coalesce(row_of_table.{{ quoted(column) }}, '') as {{ quoted(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from approved_{{ table }}

),

{% endfor %}
every_one as (
    {% for table, columns in tables.items() %}
    select '{{ table }}' as rule_table, {{ quoted('person' if table == 'people' else 'rule_id') }} as rule_id from alone_{{ table }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select rule_table, rule_id from every_one
