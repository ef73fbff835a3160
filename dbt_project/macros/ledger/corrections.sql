{#
    What two people correct: a field that is neither part of a record's key nor says on which day it counts, of a kind
    that is the same text everywhere.
#}
{% macro correctable_columns(stream) %}
{% set facts = stream_facts(stream) %}
{% set fixed = (facts.key + facts.day + facts.days) | join(' ') %}
{% set found = [] %}
{% for column in ledger_columns(stream) %}
    {% if column.name not in fixed.replace('(', ' ').replace(')', ' ').replace(',', ' ').split(' ') and not column.name.startswith('source_')
        and column.kind in ['ref', 'text', 'word', 'choice', 'money', 'signed', 'price', 'rate', 'quantity', 'whole', 'day'] %}
        {% do found.append(column) %}
    {% endif %}
{% endfor %}
{{ return(found) }}
{% endmacro %}

{# The number by which a record of a stream finds the other side, where it can be split into parts that find others. #}
{% macro part_reference(stream) %}
{{ return({
    'payments': 'order_no', 'fund_flows': 'order_no', 'settlement_lines': 'order_no', 'payouts': 'bank_reference',
    'bank_lines': 'bank_reference',
}.get(stream)) }}
{% endmacro %}

{# The corrections of a stream's records. #}
{% macro corrections_of(stream) -%}
corrections as (

    select * from {{ ref('int_ledger__corrections') }} where stream = '{{ stream }}'

),
{%- endmacro %}

{#
    The CTEs behind `told`: what was received, and of a record that was corrected what its deliveries say from then on.
    The word of the two is a delivery of its own, and so is its reversal. A delivery that says neither what was corrected
    nor what it was corrected to stands as it is. File and row stay those of the source; told_file_id and told_row_number
    say in which order it was told. A part that was split off is a record beside what is left of the whole.
#}
{% macro corrected_deliveries(stream, names) %}
{% set columns = ledger_columns(stream) %}
{% set correctable = correctable_columns(stream) %}
{% set fixed = ['record_key', 'entity', 'platform', 'store', 'account', 'currency', 'connection', 'role', 'business_date'] %}
{% set source_place = ['file_id', 'row_number'] %}
{% set told_place = ['told_file_id', 'told_row_number', 'landed_on', 'known_at', 'received_on'] %}
{% set place = source_place + told_place %}
{% set part_reference = part_reference(stream) %}
moments as (

    select
        record_key,
        file_id as told_file_id,
        row_number as told_row_number,
        landed_on,
        known_at,
        received_on
    from corrections
    union all
    select record_key, ended_file_id, ended_row_number, ended_landed_on, ended_at, ended_on
    from corrections
    where ended_file_id is not null

),

redelivered as (

    select
        {% for name in fixed + names + source_place %}
        received.{{ name }},
        {% endfor %}
        {% for name in told_place %}
        moments.{{ name }},
        {% endfor %}
        row_number() over (
            partition by moments.record_key, moments.told_file_id, moments.told_row_number
            order by {{ 'received.updated_at desc nulls last, ' if 'updated_at' in names }}received.file_id desc, received.row_number desc
        ) as newest_no
    from received
    inner join moments on received.record_key = moments.record_key and received.file_id < moments.told_file_id

),

affected as (

    select {{ (fixed + source_place + ['file_id as told_file_id', 'row_number as told_row_number'] + told_place[2:] + names) | join(', ') }}
    from received
    where record_key in (select record_key from corrections)
    union all
    select {{ (fixed + place + names) | join(', ') }}
    from redelivered
    where newest_no = 1

),

fixes as (

    select
        affected.record_key,
        affected.told_file_id,
        affected.told_row_number,
        {% for column in correctable %}
        max(case when corrections.field = '{{ column.name }}' then corrections.new_value end) as {{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from affected
    inner join corrections
        on
            affected.record_key = corrections.record_key
            and affected.told_file_id >= corrections.file_id
            and affected.told_file_id < coalesce(corrections.ended_file_id, affected.told_file_id + 1)
    where
        coalesce(corrections.old_value, '') = coalesce(
            case corrections.field
                {% for column in correctable %}
                when '{{ column.name }}' then cast(affected.{{ column.name }} as string)
                {% endfor %}
            end,
            ''
        )
    group by affected.record_key, affected.told_file_id, affected.told_row_number

),

told as (

    select {{ (fixed + source_place + ['file_id as told_file_id', 'row_number as told_row_number'] + told_place[2:] + names) | join(', ') }}
    from received
    where record_key not in (select record_key from corrections)
    union all
    select
        {% for name in fixed + place %}
        affected.{{ name }},
        {% endfor %}
        {% set corrected = correctable | map(attribute='name') | list %}
        {% for column in columns %}
        {% if column.name in corrected -%}
        coalesce(try_cast(fixes.{{ column.name }} as {{ column.type }}), affected.{{ column.name }}) as {{ column.name }}
        {%- else -%}
        affected.{{ column.name }}
        {%- endif %}{{ ',' if not loop.last }}
        {% endfor %}
    from affected
    left join fixes
        on
            affected.record_key = fixes.record_key
            and affected.told_file_id = fixes.told_file_id
            and affected.told_row_number = fixes.told_row_number
    {% if part_reference %}
    union all
    select
        {% for name in fixed + place %}
        {{ 'corrections.part_key' if name == 'record_key' else 'redelivered.' ~ name }},
        {% endfor %}
        {% for name in names %}
        {% if name == 'amount' -%}
        case when redelivered.amount < 0 then -corrections.part_amount else corrections.part_amount end
        {%- elif name == part_reference -%}
        coalesce(corrections.part_ref, redelivered.{{ name }})
        {%- elif name == 'balance' -%}
        cast(null as decimal(18, 2))
        {%- else -%}
        redelivered.{{ name }}
        {%- endif %}{{ ',' if not loop.last }}
        {% endfor %}
    from redelivered
    inner join corrections
        on
            redelivered.record_key = corrections.record_key
            and redelivered.told_file_id = corrections.file_id
            and redelivered.told_row_number = corrections.row_number
    where redelivered.newest_no = 1 and corrections.part_key is not null and corrections.ended_file_id is null
    {% endif %}

),
{% endmacro %}
