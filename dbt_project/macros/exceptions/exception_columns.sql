{# The columns every exceptions model hands on, in one order; a step gives what it knows and leaves the rest null.
   No step may raise a code without saying why in English and in Chinese, with the same numbers and days in both. #}
{% macro exception_columns(
    level, code, kind, anchor_type, anchor_key, amount, is_waiting='false', breaks_on='cast(null as date)',
    evident_on='cast(null as date)', cleared_on='cast(null as date)', difference='cast(null as decimal(18, 2))',
    is_tag='false', match_key='cast(null as string)', left_key='cast(null as string)',
    right_key='cast(null as string)', account='cast(null as string)', explanation=none, explanation_zh=none,
    parent='cast(null as string)', severity='cast(null as string)'
) -%}
        {%- if explanation is none or explanation_zh is none -%}
        {{ exceptions.raise_compiler_error(level ~ ' raises ' ~ code ~ ' without explanation or without explanation_zh') }}
        {%- endif -%}
        '{{ level }}' as level,
        {{ code }} as code,
        '{{ kind }}' as kind,
        {{ is_tag }} as is_tag,
        {{ anchor_type }} as anchor_type,
        {{ anchor_key }} as anchor_key,
        cast({{ amount }} as decimal(18, 2)) as amount,
        cast({{ difference }} as decimal(18, 2)) as difference,
        {{ is_waiting }} as is_waiting,
        cast({{ breaks_on }} as date) as breaks_on,
        cast({{ evident_on }} as date) as evident_on,
        cast({{ cleared_on }} as date) as cleared_on,
        {{ match_key }} as match_key,
        {{ left_key }} as left_key,
        {{ right_key }} as right_key,
        {{ account }} as account,
        {{ explanation }} as explanation,
        {{ explanation_zh }} as explanation_zh,
        {{ parent }} as parent_key,
        {{ severity }} as raised_severity
{%- endmacro %}
