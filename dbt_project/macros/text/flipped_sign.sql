{# An amount's text with the other sign, for sources that write a charge as a minus. #}
{% macro flipped_sign(text) -%}
case
            when {{ text }} like '-%' then substr({{ text }}, 2)
            when {{ full_match(text, '[+]?0*([.]0*)?') }} then {{ text }}
            else '-' || trim(leading '+' from {{ text }})
        end
{%- endmacro %}

{# Whether an amount's text is absent or zero. #}
{% macro is_zero_text(text) -%}
{{ full_match("coalesce(" ~ text ~ ", '')", '[+-]?0*([.]0*)?') }}
{%- endmacro %}
