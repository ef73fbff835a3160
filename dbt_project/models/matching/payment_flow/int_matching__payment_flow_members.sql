-- One row per channel payment or wallet flow in scope, with the number under which the money must show on both sides.
with

flow_accounts as (

    select place as account from {{ ref('int_ledger__scope') }} where fact = 'flow_account'
    union
    select distinct account from {{ ref('int_matching__account_days') }} where record_type = 'fund_flow'

),

payments as (

    select payments.*
    from {{ ref('int_ledger__payments') }} as payments
    inner join flow_accounts on payments.account = flow_accounts.account
    where payments.type is not null and payments.status in ('succeeded', 'processing')

),

-- a dispute takes a fee with the money: both belong to it
disputes as (

    select distinct account, transaction_no from payments where type = 'chargeback'

),

flows as (

    select
        flows.*,
        -- money in for a refund or out for a fee says which half of the trade a flow belongs to
        case
            when disputes.transaction_no is not null then 'refund'
            when category = 'payment' and direction = 'in' then 'payment'
            when category = 'payment_fee' and direction = 'out' then 'payment'
            else 'refund'
        end as half
    from {{ ref('int_ledger__fund_flows') }} as flows
    left join disputes on flows.account = disputes.account and flows.business_ref = disputes.transaction_no
    where category in ('payment', 'refund', 'payment_fee')

),

referred as (

    select distinct account, business_ref, half from flows where business_ref is not null

),

payment_members as (

    select
        payments.account || '|'
        || case
            when payments.type = 'payment' then 'payment|' || payments.transaction_no
            when own.business_ref is not null or payments.original_transaction_no is null
                then 'refund|' || payments.transaction_no
            else 'refund|' || payments.original_transaction_no
        end as group_key,
        'payment' as record_type,
        payments.record_key,
        payments.entity,
        payments.platform,
        payments.store,
        payments.account,
        payments.currency,
        payments.business_date,
        payments.received_on,
        cast(
            case when payments.type = 'payment' then payments.amount else -payments.amount end as decimal(18, 2)
        ) as gross_amount,
        cast(coalesce(payments.fee, 0) as decimal(18, 2)) as fee_amount,
        payments.merchant_pay_no,
        case when payments.type = 'payment' then 'payment' else 'refund' end as half
    from payments
    left join referred as own
        on payments.account = own.account and payments.transaction_no = own.business_ref and own.half = 'refund'

),

numbers as (

    select distinct account, half, group_key from payment_members

),

pay_numbers as (

    select account, half, merchant_pay_no, min(group_key) as group_key
    from payment_members
    where merchant_pay_no is not null
    group by account, half, merchant_pay_no
    having min(group_key) = max(group_key)

),

-- a flow that leads to no payment is a platform's credit for an order where the wallet serves a shop whose money the
-- platform holds, and the order it names is none of a channel shop's
platform_wallets as (

    select distinct settles_into as account from {{ ref('int_ledger__stores') }} where money = 'platform'

),

channel_orders as (

    select distinct orders.entity, orders.order_no
    from {{ ref('int_ledger__orders') }} as orders
    inner join {{ ref('int_ledger__stores') }} as stores on orders.store = stores.store
    where stores.money = 'channel' and orders.role = 'platform'

),

flow_members as (

    select
        coalesce(
            numbers.group_key, pay_numbers.group_key,
            flows.account || '|' || flows.half || '|' || coalesce(flows.business_ref, flows.record_key)
        ) as group_key,
        'fund_flow' as record_type,
        flows.record_key,
        flows.entity,
        flows.platform,
        flows.store,
        flows.account,
        flows.currency,
        flows.business_date,
        flows.received_on,
        flows.signed_amount as gross_amount,
        cast(0 as decimal(18, 2)) as fee_amount,
        flows.merchant_pay_no,
        flows.half
    from flows
    left join numbers
        on
            flows.account = numbers.account
            and numbers.group_key = flows.account || '|' || flows.half || '|' || flows.business_ref
    left join pay_numbers
        on
            flows.account = pay_numbers.account
            and flows.half = pay_numbers.half
            and flows.merchant_pay_no = pay_numbers.merchant_pay_no
    left join platform_wallets on flows.account = platform_wallets.account
    left join channel_orders on flows.entity = channel_orders.entity and flows.order_no = channel_orders.order_no
    where
        numbers.group_key is not null
        or pay_numbers.group_key is not null
        or platform_wallets.account is null
        or flows.order_no is null
        or channel_orders.order_no is not null

),

members as (

    select * from payment_members
    union all
    select * from flow_members

),

-- what two people put together meets, and what they took apart meets nothing
int_matching__payment_flow_members as (

    select
        case
            when {{ is_by_hand('by_hand.by_hand') }} then by_hand.by_hand
            when by_hand.by_hand is not null then by_hand.by_hand || '|' || members.record_type || '|' || members.record_key
            else members.group_key
        end as group_key,
        members.record_type,
        members.record_key,
        members.entity,
        members.platform,
        members.store,
        members.account,
        members.currency,
        members.business_date,
        members.received_on,
        members.gross_amount,
        members.fee_amount,
        members.merchant_pay_no,
        members.half
    from members
    {{ joined_by_hand('payment_flow', 'members', 'members.record_type') }}

)

select * from int_matching__payment_flow_members
