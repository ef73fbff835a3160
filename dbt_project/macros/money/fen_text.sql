{# Whole fen as yuan text, exactly; what is no whole number is marked, so that nobody takes it for yuan. #}
{% macro fen_text(text) -%}
case
            when {{ full_match(text, '[+-]?[0-9]{1,16}') }}
                then cast(cast(try_cast({{ text }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as string)
            else {{ text }} || ' fen'
        end
{%- endmacro %}
