{#
    ISO 8601 text to a moment, or null when it is none or lies outside 1990–2099.

    Without an offset it is the clock of `zone`. Year 1, epoch 0 and 9999 are "no time" in many exports, never a time.
#}
{% macro time_text(text, zone) -%}
{%- set minute = '(199[0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}' -%}
{%- set second = ':[0-9]{2}([.][0-9]{1,9})?' -%}
{%- set offset = ' ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
case
    when {{ full_match(text, '(199[0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(' ~ second ~ ')?)?') }}
        then {{ clock_text(text, zone) }}
    when {{ full_match(text, minute ~ second ~ offset) }}
        then try_cast({{ text }} as {{ type_moment() }})
    when {{ full_match(text, minute ~ offset) }}
        then try_cast(left({{ text }}, 16) || ':00' || trim(substr({{ text }}, 17)) as {{ type_moment() }})
end
{%- endmacro %}

{# The moment at which the clock of a zone shows what a text says. #}
{% macro clock_text(text, zone) %}{{ return(adapter.dispatch('clock_text')(text, zone)) }}{% endmacro %}
{% macro duckdb__clock_text(text, zone) -%}try_cast({{ text }} as timestamp) at time zone {{ zone }}{%- endmacro %}
{% macro default__clock_text(text, zone) -%}to_utc_timestamp(try_cast({{ text }} as timestamp), {{ zone }}){%- endmacro %}

{# A day, written as a day or as a time of that day on the clock of `zone`. #}
{% macro day_text(text, zone) -%}
case
    when {{ full_match(text, '(199[0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}') }} then try_cast({{ text }} as date)
    else cast({{ local_time(time_text(text, zone), zone) }} as date)
end
{%- endmacro %}
