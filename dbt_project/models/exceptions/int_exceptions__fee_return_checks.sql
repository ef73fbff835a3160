-- One row per refund, or fee of a refunded order, whose rule says that it comes back: what came back and what should have.
with

rules as (

    select rule_id from {{ ref('int_ledger__fee_rules') }} where refundable

),

-- a fee that was charged at another rate comes back at that rate: the deviation is one event, of the charge
charges as (

    select
        checks.*,
        case when checks.is_beyond then checks.implied_rate else checks.rate end as return_rate
    from {{ ref('int_exceptions__fee_checks') }} as checks
    inner join rules on checks.rule_id = rules.rule_id

),

payments as (

    select
        entity,
        store,
        account,
        currency,
        business_date,
        transaction_no,
        original_transaction_no,
        record_key,
        type,
        amount,
        fee,
        received_on,
        coalesce(succeeded_at, occurred_at) as happened_at
    from {{ ref('int_ledger__payments') }}
    where status = 'succeeded' and fee is not null

),

refunds as (

    select
        refunds.record_key,
        refunds.transaction_no,
        refunds.entity,
        refunds.store,
        refunds.account,
        refunds.currency,
        refunds.business_date,
        refunds.amount,
        refunds.received_on,
        -refunds.fee as returned_amount,
        charges.rule_id,
        charges.charged_amount,
        paid.record_key as payment_key,
        paid.amount as paid_amount,
        {{ half_up('refunds.amount * coalesce(charges.return_rate, 0)') }} as slice_amount,
        sum(refunds.amount) over (
            partition by paid.record_key order by refunds.happened_at, refunds.record_key
            rows between unbounded preceding and current row
        ) as refunded_amount,
        refunds.happened_at
    from payments as refunds
    inner join payments as paid
        on
            refunds.type = 'refund'
            and paid.type = 'payment'
            and refunds.account = paid.account
            and refunds.original_transaction_no = paid.transaction_no
    inner join charges on charges.record_type = 'payment' and paid.record_key = charges.record_key

),

summed as (

    select
        *,
        coalesce(sum(slice_amount) over (
            partition by payment_key order by happened_at, record_key
            rows between unbounded preceding and 1 preceding
        ), 0) as sliced_before
    from refunds

),

-- earlier slices half-up, capped at what is left; the refund that reaches the payment takes the rest
channel_returns as (

    select
        'payment' as anchor_type,
        record_key || '|return' as anchor_key,
        entity,
        store,
        account,
        currency,
        business_date as refunded_on,
        false as is_later,
        transaction_no as source_no,
        rule_id,
        received_on,
        returned_amount,
        case
            when refunded_amount >= paid_amount then greatest(charged_amount - sliced_before, 0)
            else least(slice_amount, greatest(charged_amount - sliced_before, 0))
        end as expected_amount
    from summed

),

members as (

    select
        members.*,
        groups.order_key,
        min(case when members.is_fee then members.happened_at end) over (partition by members.group_key) as charged_at
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on members.group_key = groups.group_key
    where groups.order_count = 1

),

-- money that went back to the buyer after the fee was charged
late_refunds as (

    select
        group_key,
        order_key,
        min(charged_at) as charged_at,
        -sum(amount) as refunded_amount,
        max(received_on) as received_on,
        max(business_date) as refunded_on
    from members
    where component = 'refund' and happened_at > charged_at
    group by group_key, order_key

),

order_charges as (

    select
        members.order_key,
        members.component,
        -sum(case when members.amount < 0 then members.amount else 0 end) as charged_amount,
        sum(case when members.amount > 0 then members.amount else 0 end) as returned_amount,
        max(members.received_on) as received_on
    from members
    inner join late_refunds on members.group_key = late_refunds.group_key
    where members.is_fee
    group by members.order_key, members.component

),

tickets as (

    select record_key, coalesce(succeeded_at, applied_at) as happened_at from {{ ref('int_ledger__refunds') }}

),

order_slices as (

    select
        orders.record_key as order_key,
        orders.entity,
        orders.store,
        orders.order_no,
        orders.currency,
        charges.fee_type,
        charges.rule_id,
        charges.account,
        late_refunds.refunded_amount,
        late_refunds.received_on,
        late_refunds.refunded_on,
        sum(case when tickets.happened_at > late_refunds.charged_at then refunds.amount else 0 end) as ticket_amount,
        sum(refunds.amount) >= orders.buyer_paid as is_whole,
        sum(
            case
                when tickets.happened_at <= late_refunds.charged_at then 0
                else {{ half_up('refunds.amount * coalesce(charges.return_rate, 0)') }}
            end
        ) as slice_amount
    from late_refunds
    inner join {{ ref('int_ledger__orders') }} as orders on late_refunds.order_key = orders.record_key
    inner join {{ ref('int_matching__order_refunds') }} as refunds on late_refunds.order_key = refunds.order_key
    inner join tickets on refunds.record_key = tickets.record_key
    inner join charges
        on
            charges.record_type <> 'payment'
            and orders.store = charges.store
            and orders.order_no = charges.order_no
            and orders.currency = charges.currency
    group by
        orders.record_key, orders.entity, orders.store, orders.order_no, orders.currency, orders.buyer_paid, charges.fee_type,
        charges.rule_id, charges.account, late_refunds.refunded_amount, late_refunds.received_on,
        late_refunds.refunded_on

),

-- nothing is concluded before the money of all refunds has gone back
order_returns as (

    select
        'order' as anchor_type,
        slices.order_key || '|' || slices.fee_type as anchor_key,
        slices.entity,
        slices.store,
        slices.account,
        slices.currency,
        slices.refunded_on,
        true as is_later,
        slices.order_no as source_no,
        slices.rule_id,
        greatest(slices.received_on, order_charges.received_on) as received_on,
        order_charges.returned_amount,
        case
            when slices.is_whole then order_charges.charged_amount
            else least(slices.slice_amount, order_charges.charged_amount)
        end as expected_amount
    from order_slices as slices
    inner join order_charges
        on slices.order_key = order_charges.order_key and slices.fee_type = order_charges.component
    where slices.refunded_amount >= slices.ticket_amount

),

returned as (

    select * from channel_returns
    union all
    select * from order_returns

),

int_exceptions__fee_return_checks as (

    select
        returned.anchor_type,
        returned.anchor_key,
        returned.entity,
        returned.store,
        returned.account,
        returned.currency,
        returned.refunded_on,
        returned.source_no,
        returned.rule_id,
        returned.received_on,
        cast(returned.returned_amount as decimal(18, 2)) as returned_amount,
        cast(returned.expected_amount as decimal(18, 2)) as expected_amount,
        cast(returned.returned_amount - returned.expected_amount as decimal(18, 2)) as difference,
        abs(returned.returned_amount - returned.expected_amount) > parameters.fee_tol_txn as is_beyond,
        -- a fee that comes back as a movement of its own may take two days longer than the refund
        case when returned.is_later then cast(returned.refunded_on + 3 as date) end as breaks_on
    from returned
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_exceptions__fee_return_checks
