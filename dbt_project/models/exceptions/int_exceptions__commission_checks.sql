-- One row per order and kind of commission that was both charged and billed: the promoters' bill beside the charge.
with

-- an agency takes its part of what the platform charges as the creator's
billed as (

    select
        entity,
        order_no,
        currency,
        case kind when 'affiliate' then 'affiliate_fee' else 'creator_fee' end as component,
        sum(amount) as billed_amount,
        min(bill_no) as bill_no,
        max(billed_on) as billed_on,
        max(received_on) as received_on
    from {{ ref('int_ledger__commission_bills') }}
    where kind is not null
    group by entity, order_no, currency, case kind when 'affiliate' then 'affiliate_fee' else 'creator_fee' end

),

-- commissions less what came back of them
charged as (

    select
        groups.order_key,
        groups.order_no,
        members.entity,
        groups.store,
        members.currency,
        members.component,
        -sum(members.amount) as charged_amount,
        max(members.received_on) as received_on
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on members.group_key = groups.group_key
    where groups.order_count = 1 and members.component in ('affiliate_fee', 'creator_fee')
    group by
        groups.order_key, groups.order_no, members.entity, groups.store, members.currency, members.component

),

int_exceptions__commission_checks as (

    select
        charged.order_key,
        charged.order_no,
        charged.entity,
        charged.store,
        charged.currency,
        charged.component,
        billed.bill_no,
        billed.billed_on,
        cast(charged.charged_amount as decimal(18, 2)) as charged_amount,
        cast(billed.billed_amount as decimal(18, 2)) as billed_amount,
        cast(billed.billed_amount - charged.charged_amount as decimal(18, 2)) as difference,
        abs(billed.billed_amount - charged.charged_amount) > parameters.fee_tol_txn as is_beyond,
        greatest(charged.received_on, billed.received_on) as received_on
    from charged
    inner join billed
        on
            charged.entity = billed.entity
            and charged.order_no = billed.order_no
            and charged.currency = billed.currency
            and charged.component = billed.component
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_exceptions__commission_checks
