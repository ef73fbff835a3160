{#
    part ÷ whole of two amounts as DECIMAL(18,6), half up away from zero, in whole numbers: a decimal division is not
    exact. Null where there is no whole.
#}
{% macro rate_of(part, whole) %}{{ return(adapter.dispatch('rate_of')(part, whole)) }}{% endmacro %}
{% macro duckdb__rate_of(part, whole) -%}
case
    when {{ whole }} > 0 then cast(
        case when {{ part }} < 0 then -1 else 1 end
        * (
            (2000000 * cast(abs({{ part }}) * 100 as hugeint) + cast({{ whole }} * 100 as hugeint))
            // (2 * cast({{ whole }} * 100 as hugeint))
        ) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    )
end
{%- endmacro %}
{% macro default__rate_of(part, whole) -%}
case
    when {{ whole }} > 0 then cast(
        case when {{ part }} < 0 then -1 else 1 end
        * (
            (2000000 * cast(abs({{ part }}) * 100 as decimal(20, 0)) + cast({{ whole }} * 100 as decimal(20, 0)))
            div (2 * cast({{ whole }} * 100 as decimal(20, 0)))
        ) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    )
end
{%- endmacro %}
