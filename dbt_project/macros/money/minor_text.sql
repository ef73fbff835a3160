{# Whole minor units as text in the currency's unit (1234 → 12.34); anything else stays visible and is no amount. #}
{% macro minor_text(text) -%}
case
            when {{ full_match(text, '[+-]?[0-9]{1,15}') }}
                then cast(try_cast({{ text }} as decimal(15, 0)) * cast(0.01 as decimal(3, 2)) as varchar)
            else {{ text }} || ' is no whole minor unit'
        end
{%- endmacro %}
