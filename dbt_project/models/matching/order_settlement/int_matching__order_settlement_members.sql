-- One row per order, settlement line or wallet flow of a shop whose money the platform holds, by order, with its share of the sum.
with

stores as (

    select * from {{ ref('int_ledger__stores') }} where money = 'platform'

),

line_stores as (

    select place as store from {{ ref('int_ledger__scope') }} where fact = 'line_store'

),

orders as (

    select
        orders.*,
        case
            when line_stores.store is not null then 'store|' || orders.store
            else 'wallet|' || stores.settles_into
        end as scope
    from {{ ref('int_ledger__orders') }} as orders
    inner join stores on orders.store = stores.store
    left join line_stores on orders.store = line_stores.store
    where orders.role = 'platform' and (orders.paid_at is not null or orders.status in ('paid', 'shipped', 'completed'))

),

lines as (

    select settlement_lines.*
    from {{ ref('int_ledger__settlement_lines') }} as settlement_lines
    inner join stores on settlement_lines.store = stores.store
    where settlement_lines.order_no is not null

),

wallets as (

    select distinct stores.settles_into as account
    from stores
    left join line_stores on stores.store = line_stores.store
    where line_stores.store is null

),

flows as (

    select flows.*
    from {{ ref('int_ledger__fund_flows') }} as flows
    inner join wallets on flows.account = wallets.account
    left join {{ ref('int_matching__payment_flow_members') }} as payment_flows
        on payment_flows.record_type = 'fund_flow' and flows.record_key = payment_flows.record_key
    where
        flows.order_no is not null
        and flows.category is not null
        and flows.category not in ('payout', 'payout_returned', 'deposit', 'small_payment')
        and payment_flows.record_key is null

),

int_matching__order_settlement_members as (

    select
        scope || '|' || currency || '|' || order_no as group_key,
        'order' as record_type,
        record_key,
        entity,
        platform,
        store,
        cast(null as string) as account,
        currency,
        business_date,
        coalesce(paid_at, ordered_at) as happened_at,
        received_on,
        'goods' as component,
        false as is_fee,
        -- tax the platform collects comes with the money, though it is no part of the consideration
        cast(consideration + coalesce(tax_collected, 0) as decimal(18, 2)) as amount
    from orders
    union all
    select
        'store|' || store || '|' || currency || '|' || order_no as group_key,
        'settlement_line' as record_type,
        record_key,
        entity,
        platform,
        store,
        account,
        currency,
        business_date,
        settled_at as happened_at,
        received_on,
        component,
        {{ is_fee('component') }} as is_fee,
        amount
    from lines
    union all
    select
        'wallet|' || account || '|' || currency || '|' || order_no as group_key,
        'fund_flow' as record_type,
        record_key,
        entity,
        platform,
        store,
        account,
        currency,
        business_date,
        occurred_at as happened_at,
        received_on,
        category as component,
        {{ is_fee('category') }} as is_fee,
        signed_amount as amount
    from flows

)

select * from int_matching__order_settlement_members
