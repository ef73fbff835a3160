{#
    Seconds since 1970 as ISO 8601 text in UTC; 0 is no time, and any other text is left as it is.

    Some sources write both forms, and a time that is neither must be seen as it came.
#}
{% macro seconds_text(text) -%}
case
            when {{ full_match(text, '[1-9][0-9]{8,9}') }} then {{ utc_text('try_cast(' ~ text ~ ' as bigint)') }}
            else nullif({{ text }}, '0')
        end
{%- endmacro %}

{# Whole seconds since 1970 as ISO 8601 text in UTC. #}
{% macro utc_text(seconds) %}{{ return(adapter.dispatch('utc_text')(seconds)) }}{% endmacro %}
{% macro duckdb__utc_text(seconds) -%}
strftime(to_timestamp({{ seconds }}) at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')
{%- endmacro %}
{% macro default__utc_text(seconds) -%}
replace(date_format(timestamp_seconds({{ seconds }}), 'yyyy-MM-dd HH:mm:ss'), ' ', 'T') || 'Z'
{%- endmacro %}
