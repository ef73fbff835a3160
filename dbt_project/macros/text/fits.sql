{#
    Whether the whole text fits a pattern that is data (RE2, anchored).

    A pattern from a column is compiled anew for every row, so `part`, from literal_part, short-cuts the usual kind.
#}
{% macro fits(text, pattern, part) -%}
case when {{ part }} is not null then contains({{ text }}, {{ part }}) else {{ fits_pattern(text, pattern) }} end
{%- endmacro %}

{% macro fits_pattern(text, pattern) %}{{ return(adapter.dispatch('fits_pattern')(text, pattern)) }}{% endmacro %}
{% macro duckdb__fits_pattern(text, pattern) -%}regexp_full_match({{ text }}, {{ pattern }}){%- endmacro %}
{% macro default__fits_pattern(text, pattern) -%}{{ text }} rlike concat('^(?:', {{ pattern }}, ')$'){%- endmacro %}

{# The plain text that a pattern of the form .*text.* looks for; null for any other pattern. #}
{% macro literal_part(pattern) -%}
case
    when {{ full_match(pattern, '[.][*][^\\]\\[\\\\.*+?(){}|^$]+[.][*]') }}
        then substr({{ pattern }}, 3, length({{ pattern }}) - 4)
end
{%- endmacro %}
