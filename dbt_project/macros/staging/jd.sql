{# A time of JD; the first day of the year 1 says that there is none. #}
{% macro jd_time(text) -%}
case when {{ text }} not like '0001-%' then nullif({{ text }}, '') end
{%- endmacro %}

{# The waybills of one cell, as a list of text. #}
{% macro jd_waybills(text) %}{{ return(adapter.dispatch('jd_waybills')(text)) }}{% endmacro %}
{% macro duckdb__jd_waybills(text) -%}
list_filter(
            list_transform(regexp_split_to_array(coalesce({{ text }}, ''), '[|,，]'), lambda number: trim(number)),
            lambda number: number <> ''
        )
{%- endmacro %}
{% macro default__jd_waybills(text) -%}
filter(transform(split(coalesce({{ text }}, ''), '[|,，]'), number -> trim(number)), number -> number <> '')
{%- endmacro %}

{# Whether a settlement row says that it is not settled yet and by which payment is not known. #}
{% macro jd_is_pending(state, pay_no) -%}
(coalesce({{ state }}, '') in ('未结算', '待结算', '结算中', '不可结算') and coalesce({{ pay_no }}, '') = '')
{%- endmacro %}
