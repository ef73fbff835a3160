{# whole × part ÷ total for amounts, half up to the cent, in whole numbers: a decimal division would pass through DOUBLE. #}
{% macro half_up_share(whole, part, total) %}{{ return(adapter.dispatch('half_up_share')(whole, part, total)) }}{% endmacro %}
{% macro duckdb__half_up_share(whole, part, total) -%}
cast(
    (
        (2 * cast({{ whole }} * 100 as hugeint) * cast({{ part }} * 100 as hugeint) + cast({{ total }} * 100 as hugeint))
        // (2 * cast({{ total }} * 100 as hugeint))
    ) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
)
{%- endmacro %}
{% macro default__half_up_share(whole, part, total) -%}
cast(
    (
        (2 * cast({{ whole }} * 100 as decimal(18, 0)) * cast({{ part }} * 100 as decimal(18, 0)) + cast({{ total }} * 100 as decimal(18, 0)))
        div (2 * cast({{ total }} * 100 as decimal(18, 0)))
    ) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
)
{%- endmacro %}
