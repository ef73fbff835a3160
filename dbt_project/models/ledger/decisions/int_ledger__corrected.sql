-- One row per correction whose record is there, with what the record's newest version says in that field.
{%- set streams = [
    'orders', 'order_lines', 'refunds', 'payments', 'fund_flows', 'settlements', 'settlement_lines', 'payouts', 'bank_lines',
    'shipments', 'returns', 'invoices', 'commission_bills',
] %}
{{ config(materialized='table') }}
with

int_ledger__corrected as (

    {% for stream in streams if is_fed(stream) %}
    select
        corrections.decision_id,
        case corrections.field
            {% for column in correctable_columns(stream) %}
            when '{{ column.name }}' then case
                when versions.{{ column.name }} = try_cast(corrections.new_value as {{ column.type }}) then 1 else 0
            end
            {% endfor %}
        end as is_said
    from {{ ref('int_ledger__' ~ stream ~ '_versions') }} as versions
    inner join {{ ref('int_ledger__corrections') }} as corrections
        on corrections.stream = '{{ stream }}' and versions.record_key = corrections.record_key
    where versions.known_to is null
    union all
    {% endfor %}
    select cast(null as string) as decision_id, cast(null as integer) as is_said
    where false

)

select * from int_ledger__corrected
