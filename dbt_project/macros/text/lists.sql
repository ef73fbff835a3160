{# Lists and records inside a row, in the words of either engine. A list that is null stays null; an item may be null. #}

{# A list of SQL expressions. #}
{% macro list_of(items) %}{{ return(adapter.dispatch('list_of')(items)) }}{% endmacro %}
{% macro duckdb__list_of(items) -%}[{{ items | join(', ') }}]{%- endmacro %}
{% macro default__list_of(items) -%}array({{ items | join(', ') }}){%- endmacro %}

{# A record of named members: list of [name, SQL]. #}
{% macro record_of(members) %}{{ return(adapter.dispatch('record_of')(members)) }}{% endmacro %}
{% macro duckdb__record_of(members) -%}
{{ '{' }}{% for name, value in members %}'{{ name }}': {{ value }}{{ ', ' if not loop.last }}{% endfor %}{{ '}' }}
{%- endmacro %}
{% macro default__record_of(members) -%}
named_struct({% for name, value in members %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# What is made of each item, which the expression calls by `name`. #}
{% macro made_of_each(items, name, expression) %}{{ return(adapter.dispatch('made_of_each')(items, name, expression)) }}{% endmacro %}
{% macro duckdb__made_of_each(items, name, expression) -%}
list_transform({{ items }}, lambda {{ name }}: {{ expression }})
{%- endmacro %}
{% macro default__made_of_each(items, name, expression) -%}
transform({{ items }}, {{ name }} -> {{ expression }})
{%- endmacro %}

{# The items for which a condition holds. #}
{% macro those_of(items, name, condition) %}{{ return(adapter.dispatch('those_of')(items, name, condition)) }}{% endmacro %}
{% macro duckdb__those_of(items, name, condition) -%}
list_filter({{ items }}, lambda {{ name }}: {{ condition }})
{%- endmacro %}
{% macro default__those_of(items, name, condition) -%}
filter({{ items }}, {{ name }} -> {{ condition }})
{%- endmacro %}

{# A list with one more item, in front or at the end. #}
{% macro with_first(item, items) %}{{ return(adapter.dispatch('with_first')(item, items)) }}{% endmacro %}
{% macro duckdb__with_first(item, items) -%}list_prepend({{ item }}, {{ items }}){%- endmacro %}
{% macro default__with_first(item, items) -%}concat(array({{ item }}), coalesce({{ items }}, array())){%- endmacro %}

{% macro with_last(items, item) %}{{ return(adapter.dispatch('with_last')(items, item)) }}{% endmacro %}
{% macro duckdb__with_last(items, item) -%}list_append({{ items }}, {{ item }}){%- endmacro %}
{% macro default__with_last(items, item) -%}concat(coalesce({{ items }}, array()), array({{ item }})){%- endmacro %}

{# How many items there are; null for no list. #}
{% macro length_of(items) %}{{ return(adapter.dispatch('length_of')(items)) }}{% endmacro %}
{% macro duckdb__length_of(items) -%}len({{ items }}){%- endmacro %}
{% macro default__length_of(items) -%}array_size({{ items }}){%- endmacro %}

{# Whether no item is null. #}
{% macro all_known(items) %}{{ return(adapter.dispatch('all_known')(items)) }}{% endmacro %}
{% macro duckdb__all_known(items) -%}list_count({{ items }}) = len({{ items }}){%- endmacro %}
{% macro default__all_known(items) -%}array_size(array_compact({{ items }})) = array_size({{ items }}){%- endmacro %}

{# Whether an item is in a list. #}
{% macro holds_item(items, item) %}{{ return(adapter.dispatch('holds_item')(items, item)) }}{% endmacro %}
{% macro duckdb__holds_item(items, item) -%}list_contains({{ items }}, {{ item }}){%- endmacro %}
{% macro default__holds_item(items, item) -%}array_contains({{ items }}, {{ item }}){%- endmacro %}

{# The first item; the smallest and the greatest; all as one text. What is null counts for nothing in the last three. #}
{% macro first_of(items) %}{{ return(adapter.dispatch('first_of')(items)) }}{% endmacro %}
{% macro duckdb__first_of(items) -%}{{ items }}[1]{%- endmacro %}
{% macro default__first_of(items) -%}get({{ items }}, 0){%- endmacro %}

{% macro least_of(items) %}{{ return(adapter.dispatch('least_of')(items)) }}{% endmacro %}
{% macro duckdb__least_of(items) -%}list_min({{ items }}){%- endmacro %}
{% macro default__least_of(items) -%}array_min({{ items }}){%- endmacro %}

{% macro greatest_of(items) %}{{ return(adapter.dispatch('greatest_of')(items)) }}{% endmacro %}
{% macro duckdb__greatest_of(items) -%}list_max({{ items }}){%- endmacro %}
{% macro default__greatest_of(items) -%}array_max({{ items }}){%- endmacro %}

{% macro joined(items, separator) %}{{ return(adapter.dispatch('joined')(items, separator)) }}{% endmacro %}
{% macro duckdb__joined(items, separator) -%}array_to_string({{ items }}, '{{ separator }}'){%- endmacro %}
{% macro default__joined(items, separator) -%}array_join({{ items }}, '{{ separator }}'){%- endmacro %}

{# The sum of DECIMAL(18, digits) items that are known; null where there is none. #}
{% macro sum_of(items, digits=2) %}{{ return(adapter.dispatch('sum_of')(items, digits)) }}{% endmacro %}
{% macro duckdb__sum_of(items, digits) -%}list_sum({{ items }}){%- endmacro %}
{% macro default__sum_of(items, digits) -%}
aggregate(
            array_compact({{ items }}), cast(null as decimal(38, {{ digits }})),
            (total, item) -> cast(coalesce(total, 0) + item as decimal(38, {{ digits }}))
        )
{%- endmacro %}

{# Two items of a select list: each item of a list with its place in it, one row each. #}
{% macro each_item_placed(items, item, place) %}{{ return(adapter.dispatch('each_item_placed')(items, item, place)) }}{% endmacro %}
{% macro duckdb__each_item_placed(items, item, place) -%}
unnest({{ items }}) as {{ item }},
        generate_subscripts({{ items }}, 1) as {{ place }}
{%- endmacro %}
{% macro default__each_item_placed(items, item, place) -%}posexplode({{ items }}) as ({{ place }}, {{ item }}){%- endmacro %}
