{# The account-days whose movements the run has received or changed; the older versions tell where a movement was before. #}
{% macro touched_flow_days() -%}
{%- set versions = ref('int_ledger__fund_flows_versions') -%}
select distinct account, business_date as day
        from {{ versions }}
        where record_key in (select record_key from {{ versions }} where {{ in_window('landed_on') }})
{%- endmacro %}

{% macro delete_touched_flow_days() -%}
{% if is_incremental() %}delete from {{ this }} using ({{ touched_flow_days() }}) as touched where {{ this }}.account = touched.account and {{ this }}.day = touched.day{% endif %}
{%- endmacro %}

{#
    The CTEs behind `chain`: per account and day whether its movements lead from one balance to the next, in whichever
    order a file lists those of one moment, and with what the day opens and closes.
#}
{% macro balance_chain(relation, moment) -%}
-- what was split off was booked in one
split_off as (

    select record_key, sum(part_amount) as amount
    from {{ ref('int_ledger__corrections') }}
    where part_key is not null and ended_file_id is null
    group by record_key

),

balanced as (

    select
        booked.account,
        booked.business_date as day,
        booked.{{ moment }} as happened_at,
        booked.row_number,
        booked.record_key,
        booked.balance,
        (booked.amount + coalesce(split_off.amount, 0)) * case when booked.direction = 'in' then 1 else -1 end as signed_amount
    from {{ relation }} as booked
    left join split_off on booked.record_key = split_off.record_key
    where booked.balance is not null

),

-- a file may list the movements of one moment from the first to the last or the other way round
placed as (

    select
        account,
        day,
        balance,
        signed_amount,
        {% for name, way in [('falling', 'desc'), ('rising', '')] %}
        row_number() over (
            partition by account, day order by happened_at, row_number {{ way }}, record_key {{ way }}
        ) as {{ name }}_place,
        {% endfor %}
        count(*) over (partition by account, day) as place_count
    from balanced

),

both_ways as (

    select
        account,
        day,
        sum(signed_amount) as moved_amount,
        {% for name in ['falling', 'rising'] %}
        max(case when {{ name }}_place = 1 then balance - signed_amount end) as {{ name }}_opening_balance,
        max(case when {{ name }}_place = place_count then balance end) as {{ name }}_closing_balance{{ '' if loop.last else ',' }}
        {% endfor %}
    from placed
    group by account, day

),

chain as (

    select
        account,
        day,
        rising_opening_balance + moved_amount <> rising_closing_balance
        and falling_opening_balance + moved_amount <> falling_closing_balance as is_chain_broken,
        {% for name in ['opening_balance', 'closing_balance'] %}
        case
            when
                rising_opening_balance + moved_amount <> rising_closing_balance
                and falling_opening_balance + moved_amount = falling_closing_balance
                then falling_{{ name }}
            else rising_{{ name }}
        end as {{ name }}{{ '' if loop.last else ',' }}
        {% endfor %}
    from both_ways

)
{%- endmacro %}
