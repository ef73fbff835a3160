{#
    The CTE `verdicts`: every one of these groups (`groups`, or `other_groups`) of orders and payments with its class or, where too much was paid, with what the
    search for the payments that fit has found: differs (none fit), duplicate (one kind), tie (several kinds).
#}
{% macro order_payment_verdicts(groups) -%}
searched as (

    select
        group_key,
        min(kind_count) as kind_count,
        count(case when is_valid then 1 end) as valid_count
    from {{ ref('int_matching__order_payment_surplus') }}
    group by group_key

),

verdicts as (

    select
        groups.*,
        searched.valid_count,
        case
            when groups.class <> 'surplus' then groups.class
            when searched.kind_count is null then 'differs'
            when searched.kind_count = 1 then 'duplicate'
            else 'tie'
        end as verdict
    from {{ ref('int_matching__order_payment_' ~ groups) }} as groups
    left join searched on groups.group_key = searched.group_key

)
{%- endmacro %}
