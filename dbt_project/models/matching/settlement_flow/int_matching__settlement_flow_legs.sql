-- One row per settlement, and per wallet flow that pays it or, where the wallet shows no movements, per payout, by number.
with

settlements as (

    select
        settlements.*,
        coalesce(settlements.account, stores.settles_into) as wallet,
        by_hand.by_hand
    from {{ ref('int_ledger__settlements') }} as settlements
    left join {{ ref('int_ledger__stores') }} as stores on settlements.store = stores.store
    {{ joined_by_hand('settlement_flow', 'settlements', "'settlement'") }}

),

flows as (

    select flows.*, by_hand.by_hand
    from {{ ref('int_ledger__fund_flows') }} as flows
    {{ joined_by_hand('settlement_flow', 'flows', "'fund_flow'") }}
    where flows.category = 'settlement' and flows.order_no is null

),

pairs as (

    select
        settlements.record_key as settlement_key,
        flows.record_key as flow_key,
        count(*) over (partition by settlements.record_key) as flows_for_settlement,
        count(*) over (partition by flows.record_key) as settlements_for_flow
    from settlements
    inner join flows
        on
            settlements.wallet = flows.account
            and settlements.currency = flows.currency
            and (settlements.wallet_flow_no = flows.flow_no or settlements.settlement_no = flows.business_ref)
    where settlements.by_hand is null and flows.by_hand is null

),

-- a settlement may be paid in several flows; a flow never pays two settlements here
claimed as (

    select * from pairs where settlements_for_flow = 1

),

-- where the account shows no movements, the payout that names the settlement is what became of it
payouts as (

    select payouts.*, by_hand.by_hand
    from {{ ref('int_ledger__payouts') }} as payouts
    {{ joined_by_hand('settlement_flow', 'payouts', "'payout'") }}
    where payouts.account not in (select place from {{ ref('int_ledger__scope') }} where fact = 'flow_account')

),

paid_pairs as (

    select
        settlements.record_key as settlement_key,
        payouts.record_key as payout_key,
        count(*) over (partition by payouts.record_key) as settlements_for_payout
    from settlements
    inner join payouts
        on
            settlements.wallet = payouts.account
            and settlements.currency = payouts.currency
            and settlements.payout_no = payouts.payout_no
    where settlements.by_hand is null and payouts.by_hand is null

),

paid as (

    select * from paid_pairs where settlements_for_payout = 1

),

int_matching__settlement_flow_legs as (

    select
        'settlement|' || record_key as match_key,
        'left' as side,
        'settlement' as record_type,
        record_key,
        total_amount as amount
    from settlements
    where record_key in (select settlement_key from claimed union all select settlement_key from paid)
    union all
    select
        'settlement|' || claimed.settlement_key as match_key,
        'right' as side,
        'fund_flow' as record_type,
        flows.record_key,
        flows.signed_amount as amount
    from claimed
    inner join flows on claimed.flow_key = flows.record_key
    union all
    select
        'settlement|' || paid.settlement_key as match_key,
        'right' as side,
        'payout' as record_type,
        payouts.record_key,
        payouts.amount
    from paid
    inner join payouts on paid.payout_key = payouts.record_key
    union all
    select by_hand as match_key, 'left' as side, 'settlement' as record_type, record_key, total_amount as amount
    from settlements
    where {{ is_by_hand('by_hand') }}
    union all
    select by_hand as match_key, 'right' as side, 'fund_flow' as record_type, record_key, signed_amount as amount
    from flows
    where {{ is_by_hand('by_hand') }}
    union all
    select by_hand as match_key, 'right' as side, 'payout' as record_type, record_key, amount
    from payouts
    where {{ is_by_hand('by_hand') }}

)

select * from int_matching__settlement_flow_legs
