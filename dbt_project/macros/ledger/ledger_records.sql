{#
    The CTEs behind `records` of int_ledger__<stream>_records: everything delivered in the run's window, by all sources,
    with the store or account it belongs to, its key and its business day. Rejected rows stay, with their reason.
#}
{% macro ledger_records(stream) %}
{% set facts = stream_facts(stream) %}
{% set columns = ledger_columns(stream) %}
connections as (

    select * from {{ ref('int_ledger__connections') }}

),

files as (

    select file_id, connection, source, received_at, received_on
    from {{ source('archive', 'landed_files') }}
    {% if is_incremental() %}
    where {{ in_window('day') }}
    {% endif %}

),

places as (

    select * from {{ ref('int_ledger__places') }}

),

currencies as (

    select * from {{ ref('currencies') }}

),

delivered as (

    {% for feed in feeds(stream) %}
    select
        entity, platform, store, account, currency,
        {% for column in columns %}
        {{ column.name }},
        {% endfor %}
        file_id, row_number, landed_on, reject_column, reject_reason, raw_row
    from {{ ref(feed.model) }}
    {% if is_incremental() %}
    where {{ in_window('landed_on') }}
    {% endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- a spreadsheet's own columns win over its connection; any other source is what its connection says it is
claimed as (

    select
        delivered.*,
        files.connection,
        files.source,
        files.received_at as known_at,
        files.received_on,
        connections.role,
        connections.platform as connection_platform,
        connections.entity as connection_entity,
        connections.currency as connection_currency,
        case
            when files.source = 'files' then coalesce(delivered.store, connections.store)
            else coalesce(connections.store, delivered.store)
        end as own_store,
        {% if facts.place in ['account', 'settlement'] %}
        case
            when files.source = 'files' then coalesce(delivered.account, connections.account)
            else coalesce(connections.account, delivered.account)
        end as own_account
        {% else %}
        delivered.account as own_account
        {% endif %}
    from delivered
    inner join files on delivered.file_id = files.file_id
    inner join connections on files.connection = connections.connection

),

placed as (

    select
        claimed.*,
        {% if facts.place == 'account' %}
        coalesce(claimed.own_store, account_places.only_store) as place_store,
        coalesce(claimed.own_account, store_places.{{ 'only_payment_account' if stream == 'payments' else 'settles_into' }}) as place_account,
        {% elif facts.place == 'settlement' %}
        coalesce(claimed.own_store, account_places.only_store) as place_store,
        coalesce(claimed.own_account, store_places.settles_into) as place_account,
        {% else %}
        claimed.own_store as place_store,
        claimed.own_account as place_account,
        {% endif %}
        coalesce(claimed.entity, store_places.entity, account_places.entity, claimed.connection_entity) as place_entity,
        coalesce(claimed.platform, store_places.platform, account_places.platform, claimed.connection_platform) as place_platform,
        coalesce(claimed.currency, account_places.currency, claimed.connection_currency, {{ run_variable('base_currency') }}) as place_currency
    from claimed
    left join places as store_places
        on claimed.own_store = store_places.place and store_places.kind = 'store'
    left join places as account_places
        on claimed.own_account = account_places.place and account_places.kind = 'account'

),

judged as (

    select
        placed.*,
        case
            when placed.reject_column is not null then placed.reject_column
            {% if facts.place == 'store' %}
            when placed.place_store is null then 'store'
            {% elif facts.place == 'account' %}
            when placed.place_account is null then 'account'
            {% elif facts.place == 'settlement' %}
            when coalesce(placed.place_store, placed.place_account) is null then 'store'
            {% endif %}
            when placed.place_entity is null then 'entity'
            when currencies.currency is null then 'currency'
            {% for column in columns if column.kind in ['money', 'signed'] %}
            when currencies.minor_digits = 0 and placed.{{ column.name }} <> round(placed.{{ column.name }}, 0)
                then '{{ column.name }}'
            {% endfor %}
        end as fault_column
    from placed
    left join currencies on placed.place_currency = currencies.currency

),

records as (

    select
        -- keys
        case
            when judged.fault_column is null
                then {{ record_key(stream) }}
        end as record_key,
        -- parties
        judged.place_entity as entity,
        judged.place_platform as platform,
        judged.place_store as store,
        judged.place_account as account,
        judged.place_currency as currency,
        judged.connection,
        judged.source,
        judged.role,
        -- times
        {{ business_date(facts) }} as business_date,
        judged.known_at,
        judged.received_on,
        -- provenance
        judged.file_id,
        judged.row_number,
        judged.landed_on,
        -- the record
        {% for column in columns %}
        judged.{{ column.name }},
        {% endfor %}
        -- quarantine
        judged.fault_column as reject_column,
        case
            when judged.reject_column is not null then judged.reject_reason
            when judged.fault_column in ('store', 'account', 'entity') and judged.fault_column is not null
                then 'neither the row nor its connection names the ' || judged.fault_column
            when judged.fault_column = 'currency' then 'currency is none that the table of currencies knows'
            when judged.fault_column is not null
                then judged.fault_column || ' has a non-zero digit beyond the minor unit of its currency'
        end as reject_reason,
        case
            when judged.reject_column is not null then judged.raw_row
            when judged.fault_column is not null then {{ judged_row(stream) }}
        end as raw_row
    from judged

)
{% endmacro %}

{# The natural key of a record, readable: place and numbers with a bar between them. #}
{% macro record_key(stream) -%}
{%- set facts = stream_facts(stream) -%}
{%- set parts = [] -%}
{%- set place = {
    'store': 'judged.place_store', 'account': 'judged.place_account', 'entity': 'judged.place_entity',
    'settlement': 'coalesce(judged.place_store, judged.place_account)',
}[facts.place] -%}
{{ place }}
{%- for part in facts.key %} || '|' || coalesce({{ part }}, ''){% endfor %}
{%- if facts.repeats %}
 || '|' || cast(row_number() over (
                    partition by judged.file_id, judged.place_store, judged.role, {{ facts.key | join(', ') }}
                    order by judged.amount, judged.row_number
                ) as string)
{%- endif %}
{%- if facts.place == 'store' %} || case when judged.role = 'own_system' then '|own_system' else '' end{% endif %}
{%- endmacro %}

{# The local day on which a record belongs; the day of its landing where it names none. #}
{% macro business_date(facts) -%}
{%- if facts.day -%} coalesce({{ day_of(facts.day) }}, judged.landed_on)
{%- elif facts.days -%} coalesce({{ facts.days | join(', ') }}, judged.landed_on)
{%- else -%} judged.landed_on
{%- endif -%}
{%- endmacro %}

{# A readable row that has no place, for the quarantine: its keys and amounts. #}
{% macro judged_row(stream) -%}
{%- set members = [] -%}
{%- for column in ledger_columns(stream) if column.kind in ['id', 'ref', 'money', 'signed'] -%}
    {%- do members.append([column.name, 'cast(judged.' ~ column.name ~ ' as string)']) -%}
{%- endfor -%}
{%- for name in ['store', 'account', 'currency'] %}{% do members.append([name, 'judged.place_' ~ name]) %}{% endfor -%}
{{ json_row(members) }}
{%- endmacro %}
