-- One row per version of an order of an open thread, as it was stated.
{{ config(
    materialized='incremental' if is_fed('orders') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('orders') }}" if is_fed('orders') else [],
) }}
-- depends_on: {{ ref('int_ledger__corrections') }}
{% set versions, taken_up = ref('int_ledger__orders_versions'), ref('int_ledger__reopened') %}
{% if not is_incremental() %}
select *{{ pay_key('orders') }} from {{ versions }}
{% else %}
with

wanted as (

    select record_key, landed_on
    from {{ versions }}
    where record_key in (select record_key from {{ versions }} where {{ in_window('landed_on') }})
    union
    select record_key, landed_on
    from {{ taken_up }}
    where stream = 'orders' and record_key not in (select record_key from {{ this }})

),

wanted_days as (

    select distinct landed_on from wanted

),

int_ledger__stated_orders as (

    select versions.*{{ pay_key('orders') }}
    from {{ versions }} as versions
    inner join wanted_days on versions.landed_on = wanted_days.landed_on
    where versions.record_key in (select record_key from wanted)

)

select * from int_ledger__stated_orders
{% endif %}
