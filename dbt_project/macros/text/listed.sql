{# The texts of a group as one, in order; one that is null is left out. The order leaves no two of them alike. #}
{% macro listed(text, separator, order_by) %}{{ return(adapter.dispatch('listed')(text, separator, order_by)) }}{% endmacro %}
{% macro duckdb__listed(text, separator, order_by) -%}string_agg({{ text }}, '{{ separator }}' order by {{ order_by }}){%- endmacro %}
{% macro default__listed(text, separator, order_by) -%}
case
            when count({{ text }}) > 0
                then array_join(transform(array_sort(collect_list(
                    case when {{ text }} is not null then struct({{ order_by }}, {{ text }} as listed_text) end
                )), item -> item.listed_text), '{{ separator }}')
        end
{%- endmacro %}

{# The different texts of a group as one, in their own order; null is left out. #}
{% macro listed_once(text, separator) %}{{ return(adapter.dispatch('listed_once')(text, separator)) }}{% endmacro %}
{% macro duckdb__listed_once(text, separator) -%}string_agg(distinct {{ text }}, '{{ separator }}' order by {{ text }}){%- endmacro %}
{% macro default__listed_once(text, separator) -%}
case when count({{ text }}) > 0 then array_join(sort_array(collect_set({{ text }})), '{{ separator }}') end
{%- endmacro %}
