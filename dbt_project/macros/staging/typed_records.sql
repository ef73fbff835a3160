{#
    From text to types, for every source alike: the CTEs `typed` and `records` behind a CTE `received`.

    `received` brings the columns of `given` as text in the contract's names and forms (status, type and component already
    in the contract's words, beside source_<name> as the source wrote it, where `translated` names them), and file_id,
    row_number, landed_on and optionally entity, platform, store, account, currency (named in `given` too).
    `records` has the stream's ledger columns. A row that cannot be read keeps what can be, and says in reject_column and
    reject_reason why it goes to quarantine; raw_row then shows keys, amounts and the failing cell, all else masked.
#}
{% macro typed_records(stream, given, zone=none, translated=[]) %}
{% set zone = "'" ~ zone ~ "'" if zone else run_variable('time_zone') %}
{% set columns = stream_columns(stream) %}
{% set received = columns | selectattr('name', 'in', given) | list %}
typed as (

    select
        received.*,
        {% for column in received %}
        {{ typed_value(column, 'received.' ~ column.name, zone) }} as typed_{{ column.name }},
        {% endfor %}
        {{ currency_text('received.currency') if 'currency' in given else 'cast(null as string)' }} as typed_currency
    from received

),

judged as (

    select
        typed.*,
        case
            {% if 'currency' in given %}
            when typed.currency is not null and typed.typed_currency is null then 'currency'
            {% endif %}
            {% for column in received %}
            {% if column.required %}
            when typed.{{ stated_name(column, translated) }} is null then '{{ column.name }}'
            {% endif %}
            {% if column.kind not in ['text', 'person', 'card', 'word'] %}
            when typed.{{ column.name }} is not null and typed.typed_{{ column.name }} is null then '{{ column.name }}'
            {% endif %}
            {% endfor %}
        end as reject_column
    from typed

),

records as (

    select
        {% for name in ['entity', 'platform', 'store', 'account'] %}
        {{ 'judged.' ~ name if name in given else 'cast(null as string)' }} as {{ name }},
        {% endfor %}
        judged.typed_currency as currency,
        {% for column in columns %}
        {% if column.name in given %}
        judged.typed_{{ column.name }} as {{ column.out }},
        {% else %}
        cast(null as {{ ledger_type(column.kind) }}) as {{ column.out }},
        {% endif %}
        {% if column.kind == 'word' %}
        {% if column.name in translated %}
        judged.source_{{ column.name }},
        {% elif column.name in given %}
        judged.{{ column.name }} as source_{{ column.name }},
        {% else %}
        cast(null as string) as source_{{ column.name }},
        {% endif %}
        {% endif %}
        {% endfor %}
        judged.file_id,
        judged.row_number,
        judged.landed_on,
        judged.reject_column,
        {{ reject_reason(received, translated) }} as reject_reason,
        {{ masked_row(received) }} as raw_row
    from judged

)
{% endmacro %}

{# Where the source's own word stands: a translation that knows no word for it is no empty cell. #}
{% macro stated_name(column, translated) -%}
{{ 'source_' ~ column.name if column.name in translated else column.name }}
{%- endmacro %}

{# One cell as its type, null when it cannot be read. #}
{% macro typed_value(column, text, zone) -%}
{%- if column.kind in ['text', 'ref'] -%} {{ text }}
{%- elif column.kind == 'id' -%} case when {{ text }} not like '%E+%' then {{ text }} end
{%- elif column.kind == 'person' -%} {{ keyed_hash(text) }}
{%- elif column.kind == 'card' -%} '****' || right({{ text }}, 4)
{%- elif column.kind in ['word', 'choice'] -%}
case when lower({{ text }}) in ('{{ column.words | join("', '") }}') then lower({{ text }}) end
{%- elif column.kind == 'money' -%} {{ money_text(text) }}
{%- elif column.kind == 'signed' -%} {{ signed_text(text) }}
{%- elif column.kind in ['price', 'quantity'] -%} {{ decimal_text(text, 6) }}
{%- elif column.kind == 'rate' -%}
case
            when right({{ text }}, 1) = '%'
                then {{ half_up(decimal_text("trim(trailing '%' from " ~ text ~ ")", 4) ~ ' * cast(0.01 as decimal(3, 2))', 6) }}
            else {{ decimal_text(text, 6) }}
        end
{%- elif column.kind == 'whole' -%} case when {{ full_match(text, '[0-9]{1,18}') }} then cast({{ text }} as bigint) end
{%- elif column.kind == 'flag' -%}
case when lower({{ text }}) in ('true', 'yes', '1') then true when lower({{ text }}) in ('false', 'no', '0') then false end
{%- elif column.kind == 'time' -%} {{ time_text(text, zone) }}
{%- elif column.kind == 'day' -%} {{ day_text(text, zone) }}
{%- endif -%}
{%- endmacro %}

{% macro currency_text(text) -%}
case when {{ full_match('upper(' ~ text ~ ')', '[A-Z]{3}') }} then upper({{ text }}) end
{%- endmacro %}

{# Why the row is rejected: one sentence with what is allowed. #}
{% macro reject_reason(columns, translated) %}
{% set amount = 'no plain decimal (digits, at most one point, no non-zero digit beyond the minor unit' %}
{% set reasons = {
    'id': 'a number that a spreadsheet has cut (1.2E+17), so export the column as text',
    'money': amount ~ ', no minus: the direction has its own column)',
    'signed': amount ~ ')',
    'price': 'no plain decimal with at most six places',
    'rate': 'no plain decimal with at most six places, nor a percentage',
    'quantity': 'no plain decimal with at most six places',
    'whole': 'no whole number',
    'flag': 'not true or false',
    'time': 'no ISO 8601 time between 1990 and 2099',
    'day': 'no ISO 8601 day between 1990 and 2099',
} %}
case
            when judged.reject_column = 'currency' then 'currency is no ISO 4217 code of three letters'
            {% for column in columns %}
            {% if column.required %}
            when judged.reject_column = '{{ column.name }}' and judged.{{ stated_name(column, translated) }} is null
                then '{{ column.name }} is required but empty'
            {% endif %}
            {% if column.kind in reasons %}
            when judged.reject_column = '{{ column.name }}' then '{{ column.name }} is {{ reasons[column.kind] }}'
            {% elif column.kind == 'choice' %}
            when judged.reject_column = '{{ column.name }}'
                then '{{ column.name }} is none of {{ column.words | join(", ") }}'
            {% endif %}
            {% endfor %}
        end
{%- endmacro %}

{# A rejected row as JSON: keys, amounts and the failing cell as they came, every other cell masked. #}
{% macro masked_row(columns) -%}
{%- set members = [] -%}
{%- for column in columns -%}
    {%- set text = 'judged.' ~ column.name -%}
    {%- set is_shown = text ~ " is null or judged.reject_column = '" ~ column.name ~ "'" -%}
    {%- do members.append([
        column.name,
        text if column.kind in ['id', 'ref', 'money', 'signed']
        else 'case when ' ~ is_shown ~ ' then ' ~ text ~ " else '***' end",
    ]) -%}
{%- endfor -%}
case when judged.reject_column is not null then {{ json_row(members) }} end
{%- endmacro %}

{# The CTE `received` of a template of source `files`: every column of the stream, cleaned of an export's marks. #}
{% macro received_template(stream) %}
received as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in ['entity', 'platform', 'store', 'account', 'currency'] %}
        {{ bare(name) }} as {{ name }},
        {% endfor %}
        {% for column in stream_columns(stream) %}
        {{ trimmed(column.name) if column.kind in ['text', 'person'] else bare(column.name) }} as {{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('files', 'files__' ~ stream) }}

)
{% endmacro %}

{# Everything a template brings. #}
{% macro template_columns(stream) -%}
{{ return(['entity', 'platform', 'store', 'account', 'currency'] + stream_columns(stream) | map(attribute='name') | list) }}
{%- endmacro %}
