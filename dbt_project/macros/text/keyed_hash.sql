{# HMAC-SHA256 with the key's two pads, which the session carries: no key in SQL text, files or logs. #}
{% macro keyed_hash(text) %}{{ return(adapter.dispatch('keyed_hash')(text)) }}{% endmacro %}
{% macro duckdb__keyed_hash(text) -%}
sha256({{ run_variable('pad_out') }} || unhex(sha256({{ run_variable('pad_in') }} || encode({{ text }}))))
{%- endmacro %}
{% macro default__keyed_hash(text) -%}
sha2(concat({{ run_variable('pad_out') }}, unhex(sha2(concat({{ run_variable('pad_in') }}, encode({{ text }}, 'UTF-8')), 256))), 256)
{%- endmacro %}
