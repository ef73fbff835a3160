{#
    Text to DECIMAL(18, digits), or null when it is no plain decimal or has a non-zero digit beyond them.

    A cast alone would round 1.005 and accept 1e3 and 1_000 without a word.
#}
{% macro decimal_text(text, digits=2, sign='[+-]?') -%}
case
    when {{ full_match(text, sign ~ '[0-9]{1,' ~ (18 - digits) ~ '}([.][0-9]{1,' ~ digits ~ '}0*)?') }}
        then try_cast({{ text }} as decimal(18, {{ digits }}))
end
{%- endmacro %}

{# An amount without a sign, or with a plus. #}
{% macro money_text(text) -%}
{{ decimal_text(text, 2, '[+]?') }}
{%- endmacro %}

{# An amount that may be negative. #}
{% macro signed_text(text) -%}
{{ decimal_text(text, 2) }}
{%- endmacro %}
