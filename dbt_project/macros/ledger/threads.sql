{#
    The streams whose records come together under numbers of one order, with the numbers of each. What shares a number is
    one thread; a thread that waits for nothing is closed, and taken up again when one of its numbers arrives.
#}
{% macro threaded_streams() %}
{{ return({
    'orders': ['order_no', 'merchant_pay_no'],
    'order_lines': ['order_no'],
    'discounts': ['order_no'],
    'refunds': ['order_no', 'refund_no', 'merchant_refund_no'],
    'payments': [
        'transaction_no', 'original_transaction_no', 'merchant_pay_no', 'merchant_refund_no', 'order_no',
    ],
    'fund_flows': ['order_no', 'merchant_pay_no', 'business_ref'],
    'settlement_lines': ['order_no', 'transaction_no'],
    'shipments': ['order_no', 'waybill_no'],
    'returns': ['order_no', 'refund_no', 'waybill_no'],
    'invoices': ['order_no'],
    'freight_bills': ['waybill_no'],
    'commission_bills': ['order_no'],
}) }}
{% endmacro %}

{# Streams that are no records of a thread and tell something about one. #}
{% macro telling_streams() %}
{{ return({'trackings': ['waybill_no']}) }}
{% endmacro %}

{# A number as an integer: two that fall together only take a thread up once more than needed. #}
{% macro number_key(value) %}{{ return(adapter.dispatch('number_key')(value)) }}{% endmacro %}
{% macro duckdb__number_key(value) -%}md5_number_lower({{ value }}){%- endmacro %}
{% macro default__number_key(value) -%}
cast(conv(regexp_replace(substr(md5({{ value }}), 17), '{{ '(..)' * 8 }}', '$8$7$6$5$4$3$2$1'), 16, 10) as decimal(20, 0))
{%- endmacro %}

{#
    One more column of the records that orders and payments share a number by: that number, within entity and currency, as
    an integer of 128 bits. It is made once, where a record enters the open threads, and joined on ever after.
#}
{% macro pay_key(stream) -%}
{%- if stream in ['orders', 'payments'] -%}
, {{ wide_number_key("entity || '|' || currency || '|' || merchant_pay_no") }} as pay_key
{%- endif -%}
{%- endmacro %}

{# A text as an integer that no other text has: as wide as the digest that is a match's published number. #}
{% macro wide_number_key(value) %}{{ return(adapter.dispatch('wide_number_key')(value)) }}{% endmacro %}
{% macro duckdb__wide_number_key(value) -%}md5_number({{ value }}){%- endmacro %}
{% macro default__wide_number_key(value) -%}md5({{ value }}){%- endmacro %}
{% macro type_wide_number() %}{{ return(adapter.dispatch('type_wide_number')()) }}{% endmacro %}
{% macro duckdb__type_wide_number() -%}uhugeint{%- endmacro %}
{% macro default__type_wide_number() -%}string{%- endmacro %}

{#
    A number as a published integer: 63 bits, so that a plain whole number holds it. Rows sorted by it are found by the
    bounds of their row groups, which of a text know its first letters only.
#}
{% macro lookup_key(value) %}{{ return(adapter.dispatch('lookup_key')(value)) }}{% endmacro %}
{% macro duckdb__lookup_key(value) -%}cast({{ number_key(value) }} % 9223372036854775808 as bigint){%- endmacro %}
{% macro default__lookup_key(value) -%}
cast({{ number_key(value) }} % cast(9223372036854775808 as decimal(20, 0)) as bigint)
{%- endmacro %}

{#
    The numbers under which a record is found again: its own key, which names it as a node, and those of its stream. One
    row per number.
#}
{% macro numbers_of(stream, relation, condition) -%}
{%- set node = number_key("'" ~ stream ~ "|' || record_key") -%}
select '{{ stream }}' as stream, record_key, landed_on, {{ node }} as node, {{ node }} as number
    from {{ relation }}
    where {{ condition }}
    {%- for number in dict(threaded_streams(), **telling_streams())[stream] %}
    union all
    select '{{ stream }}' as stream, record_key, landed_on, {{ node }} as node, {{ number_key(number) }} as number
    from {{ relation }}
    where {{ number }} is not null and {{ condition }}
    {%- endfor %}
{%- endmacro %}

{# The same columns, and no row: the end of a union of streams. #}
{% macro no_numbers() -%}
select
        cast(null as string) as stream,
        cast(null as string) as record_key,
        cast(null as date) as landed_on,
        {{ number_key("''") }} as node,
        {{ number_key("''") }} as number
    where false
{%- endmacro %}

{#
    The current records of a stream that are in open threads. A run adds what it received and what it takes up again;
    what is closed has been taken out when its thread was closed.
#}
{% macro open_records(stream) -%}
{%- set versions = ref('int_ledger__' ~ stream ~ '_versions') -%}
{%- set taken_up = ref('int_ledger__reopened') -%}
{#- what is deleted before names the corrections too -#}
{%- set corrections = ref('int_ledger__corrections') -%}
{%- set keyed = pay_key(stream) -%}
{%- if not is_incremental() -%}
select *{{ keyed }} from {{ versions }}
where known_to is null
{%- else -%}
with

reopened as (

    select * from {{ taken_up }}
    where
        stream = '{{ stream }}'
        and not {{ in_window('landed_on') }}
        and record_key not in (select record_key from {{ this }})

),

reopened_days as (

    select distinct landed_on from reopened

),

open_records as (

    select *{{ keyed }} from {{ versions }}
    where known_to is null and {{ in_window('landed_on') }}
    union all
    select versions.*{{ keyed }}
    from {{ versions }} as versions
    inner join reopened_days on versions.landed_on = reopened_days.landed_on
    where versions.known_to is null and versions.record_key in (select record_key from reopened)

)

select * from open_records
{%- endif -%}
{%- endmacro %}

{# Before the run's records are written: what stood in their place. #}
{% macro delete_received(stream) -%}
{% if is_incremental() -%}
delete from {{ this }} where record_key in (
    select record_key from {{ ref('int_ledger__' ~ stream ~ '_versions') }} where {{ in_window('landed_on') }}
);
delete from {{ this }} where {{ in_window('landed_on') }};
delete from {{ this }} where {{ is_corrected(stream) }}
{%- endif %}
{%- endmacro %}
