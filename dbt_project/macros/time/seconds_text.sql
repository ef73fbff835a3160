{#
    Seconds since 1970 as ISO 8601 text in UTC; 0 is no time, and any other text is left as it is.

    Some sources write both forms, and a time that is neither must be seen as it came.
#}
{% macro seconds_text(text) %}{{ return(adapter.dispatch('seconds_text')(text)) }}{% endmacro %}
{% macro duckdb__seconds_text(text) -%}
case
            when {{ full_match(text, '[1-9][0-9]{8,9}') }}
                then strftime(make_timestamp(try_cast({{ text }} as bigint) * 1000000), '%Y-%m-%dT%H:%M:%SZ')
            else nullif({{ text }}, '0')
        end
{%- endmacro %}
{% macro default__seconds_text(text) -%}
case
            when {{ full_match(text, '[1-9][0-9]{8,9}') }}
                then replace(date_format(timestamp_seconds(try_cast({{ text }} as bigint)), 'yyyy-MM-dd HH:mm:ss'), ' ', 'T') || 'Z'
            else nullif({{ text }}, '0')
        end
{%- endmacro %}
