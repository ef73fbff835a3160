-- One row per store that the own system tells too: when either system was heard last.
{{ config(materialized='table') }}
with

int_ledger__heard as (

    select
        store,
        max(case when role = 'platform' then received_on end) as platform_received_on,
        max(case when role = 'own_system' then received_on end) as own_received_on
    from {{ ref('int_ledger__orders_versions') }}
    where
        known_to is null
        and store in (select place from {{ ref('int_ledger__scope') }} where fact = 'told_twice')
    group by store

)

select * from int_ledger__heard
