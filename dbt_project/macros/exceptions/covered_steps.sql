{# How many charges each stretch of whole steps reproduces, from where one span begins or ends to the next. #}
{% macro covered_steps(spans) -%}
select group_key, base_no, form, lowest, highest, weight
    from (
        select
            group_key,
            base_no,
            form,
            step as lowest,
            lead(step) over (partition by group_key, base_no, form order by step) - 1 as highest,
            sum(sum(weight)) over (partition by group_key, base_no, form order by step) as weight
        from (
            select group_key, base_no, form, lowest as step, fee_count as weight from {{ spans }}
            union all
            select group_key, base_no, form, highest + 1 as step, -fee_count as weight from {{ spans }}
        ) as edges
        group by group_key, base_no, form, step
    ) as stretches
    where weight > 0
{%- endmacro %}
