-- One row per record that may be closed and number that leads to others of its thread.
{{ config(materialized='table') }}
{%- set stated = {'orders': 'stated_orders', 'shipments': 'stated_shipments'} %}
{#- a movement that names no order is settled by its account, a supplier's invoice compared with all of his #}
{%- set conditions = {
    'invoices': "coalesce(kind, '') not in ('purchase', 'fee')",
    'fund_flows': "(order_no is not null or coalesce(category, '') in ('payment', 'refund', 'payment_fee'))",
} %}
with

int_ledger__thread_numbers as (

    {% for stream in threaded_streams() if is_fed(stream) %}
    {{ numbers_of(stream, ref('int_ledger__' ~ stated.get(stream, stream)), conditions.get(stream, 'true')) }}
    union all
    {% endfor %}
    {{ no_numbers() }}

)

select * from int_ledger__thread_numbers
