{#
    The models whose rows move to the schema `closed` with their thread, by `meta.kept`; each has a table of its name there.
    A sum that is kept of them: {into, by: {column: expression}, of: {column: expression}}.
#}
{% macro kept_models() %}
{% set found = [] %}
{% for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.kept %}
    {% do found.append(node) %}
{% endfor %}
{{ return(found) }}
{% endmacro %}

{# After it is known which threads are taken up again: their rows leave all that is closed, and its sums. #}
{% macro take_out_of_closed() %}{{ return(adapter.dispatch('take_out_of_closed')()) }}{% endmacro %}
{# An engine that builds all of it each time closes nothing. #}
{% macro default__take_out_of_closed() %}{% endmacro %}
{% macro duckdb__take_out_of_closed() -%}
{%- if execute -%}
{%- set taken = 'thread in (select thread from ' ~ this ~ ')' -%}
{%- for node in kept_models() -%}
    {%- for kept in node.config.meta.kept.sums or [] %}
insert into closed.{{ kept.into }} ({{ kept.by | join(', ') }}, {{ kept.of | join(', ') }})
select {{ kept.by.values() | join(', ') }}, {% for amount in kept.of.values() %}-sum({{ amount }}){{ ', ' if not loop.last }}{% endfor %}

from closed.{{ node.name }} where {{ taken }} group by all;
    {%- endfor %}
delete from closed.{{ node.name }} where {{ taken }};
{%- endfor %}
insert into closed.taken_out select distinct thread, closed_in, (select sequence + 1 from closed.state) from closed.records where {{ taken }};
delete from closed.numbers where {{ taken }};
delete from closed.records where {{ taken }};
{%- endif -%}
{%- endmacro %}
