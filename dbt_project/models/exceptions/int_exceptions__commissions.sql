-- One row per order whose promoters' bills say another commission than its settlement charged.
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
        members.currency,
        members.component,
        -sum(members.amount) as charged_amount,
        max(members.received_on) as received_on
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on members.group_key = groups.group_key
    where groups.order_count = 1 and members.component in ('affiliate_fee', 'creator_fee')
    group by groups.order_key, groups.order_no, members.entity, members.currency, members.component

),

compared as (

    select
        charged.order_key,
        charged.order_no,
        charged.component,
        charged.charged_amount,
        billed.billed_amount,
        billed.bill_no,
        billed.billed_amount - charged.charged_amount as difference,
        greatest(charged.received_on, billed.received_on) as received_on
    from charged
    inner join billed
        on
            charged.entity = billed.entity
            and charged.order_no = billed.order_no
            and charged.currency = billed.currency
            and charged.component = billed.component

),

-- E207: the bill of affiliates, creators and agencies is not what the platform took for them
int_exceptions__commissions as (

    select
        {{ exception_columns(
            'fee', "'E207'", 'finding', "'order'", "compared.order_key || '|bill_of_' || compared.component",
            'abs(compared.difference)', evident_on='compared.received_on', difference='compared.difference',
            left_key='compared.order_no', right_key='compared.bill_no',
            explanation="'Charged ' || compared.component || ' ' || compared.charged_amount || ', billed ' || compared.billed_amount"
        ) }}
    from compared
    cross join {{ ref('int_ledger__parameters') }} as parameters
    where abs(compared.difference) > parameters.fee_tol_txn

)

select * from int_exceptions__commissions
