-- One row per fact about the whole history that says which records are in scope at all; most never change.
{{ config(materialized='table') }}
with

fund_flows as (

    select
        account,
        max(case when category = 'platform_subsidy' then 1 else 0 end) as shows_subsidy
    from {{ ref('int_ledger__fund_flows_versions') }}
    where account is not null
    group by account

),

-- what a wallet of several shops shows need not be true of each
wallets as (

    select settles_into as account, min(store) as store
    from {{ ref('int_ledger__stores') }}
    where money = 'platform'
    group by settles_into
    having count(*) = 1

),

settlement_lines as (

    select
        store,
        max(case when component = 'platform_subsidy' then 1 else 0 end) as shows_subsidy
    from {{ ref('int_ledger__settlement_lines_versions') }}
    where store is not null
    group by store

),

orders as (

    select
        store,
        max(case when role = 'own_system' then 1 else 0 end) as is_told_twice,
        max(case when role = 'platform' and shipped_at is not null then 1 else 0 end) as is_shipping,
        max(case when role = 'platform' and paid_at is null then 1 else 0 end) as lists_unpaid
    from {{ ref('int_ledger__orders_versions') }}
    where known_to is null
    group by store

),

shipments as (

    select
        store,
        coalesce(carrier, '') as carrier,
        count(picked_up_at) as picked_up,
        count(delivered_at) as delivered
    from {{ ref('int_ledger__shipments_versions') }}
    where known_to is null
    group by store, coalesce(carrier, '')

),

payouts as (

    select distinct account from {{ ref('int_ledger__payouts') }} where account is not null

),

returns as (

    select distinct store from {{ ref('int_ledger__returns_versions') }}
    where known_to is null and received_at is not null

),

int_ledger__scope as (

    -- accounts that show their movements
    select 'flow_account' as fact, account as place from fund_flows
    union all
    -- shops whose settlements are told line by line
    select 'line_store' as fact, store as place from settlement_lines
    union all
    -- shops whose settlements, or without any their wallet, show the platform's subsidy apart from the goods
    select 'subsidy_store' as fact, store as place from settlement_lines where shows_subsidy = 1
    union all
    select 'subsidy_store' as fact, wallets.store as place
    from wallets
    inner join fund_flows on wallets.account = fund_flows.account and fund_flows.shows_subsidy = 1
    left join settlement_lines on wallets.store = settlement_lines.store
    where settlement_lines.store is null
    union all
    -- shops of which any parcel is known
    select 'shipping_store' as fact, store as place from (
        select store from orders where is_shipping = 1
        union
        select store from shipments
    ) as shipping_stores
    union all
    -- carriers that scan what they pick up, or deliver
    select 'picking_up' as fact, concat_ws('|', store, carrier) as place from shipments where picked_up > 0
    union all
    select 'delivering' as fact, concat_ws('|', store, carrier) as place from shipments where delivered > 0
    {% if is_fed('trackings') %}
    union all
    -- entities whose parcels are followed by their carriers
    select distinct 'tracked' as fact, entity as place
    from {{ ref('int_ledger__trackings_records') }}
    where record_key is not null
    {% endif %}
    union all
    -- shops whose returned goods are told
    select 'returns_store' as fact, store as place from returns
    union all
    -- wallets that pay out to a bank
    select 'paying_wallet' as fact, account as place from payouts
    union all
    -- shops whose orders the own system tells too
    select 'told_twice' as fact, store as place from orders where is_told_twice = 1
    union all
    -- shops that list an order before it is paid
    select 'lists_unpaid' as fact, store as place from orders where lists_unpaid = 1
    union all
    -- months that were taken up again: what was told elsewhere goes back to its own days
    select 'reopened' as fact, concat_ws('|', entity, period, cast(reopened_count as string)) as place
    from {{ ref('int_ledger__period_locks') }}
    where reopened_count > 0

)

select * from int_ledger__scope
