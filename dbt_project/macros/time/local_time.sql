{# What the clock of a zone shows at a moment; the zone is the run's unless another one is named. #}
{% macro local_time(moment, zone=none) %}{{ return(adapter.dispatch('local_time')(moment, zone or run_variable('time_zone'))) }}{% endmacro %}
{% macro duckdb__local_time(moment, zone) -%}{{ moment }} at time zone {{ zone }}{%- endmacro %}
{% macro default__local_time(moment, zone) -%}from_utc_timestamp({{ moment }}, {{ zone }}){%- endmacro %}

{# The moment at which a day begins in the zone of the run. #}
{% macro start_of_day(day) %}{{ return(adapter.dispatch('start_of_day')(day, run_variable('time_zone'))) }}{% endmacro %}
{% macro duckdb__start_of_day(day, zone) -%}cast({{ day }} as timestamp) at time zone {{ zone }}{%- endmacro %}
{% macro default__start_of_day(day, zone) -%}to_utc_timestamp(cast({{ day }} as timestamp), {{ zone }}){%- endmacro %}
