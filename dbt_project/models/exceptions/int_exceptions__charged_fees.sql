-- One row per charged fee, with every amount that a rule may reckon it on and every day that a rule may go by.
with

channel_fees as (

    select
        'payment' as record_type,
        payments.record_key,
        payments.entity,
        payments.platform,
        payments.store,
        payments.account,
        payments.currency,
        payments.business_date,
        payments.received_on,
        payments.transaction_no as source_no,
        payments.order_no,
        'payment_fee' as fee_type,
        payments.amount as consideration_amount,
        payments.amount as goods_amount,
        payments.amount as paid_amount,
        payments.amount as goods_paid_amount,
        payments.amount as order_amount,
        cast(0 as decimal(18, 2)) as early_base_amount,
        cast(0 as decimal(18, 2)) as early_refund_amount,
        payments.business_date as ordered_on,
        payments.business_date as paid_on,
        payments.business_date as confirmed_on,
        payments.fee as charged_amount
    from {{ ref('int_ledger__payments') }} as payments
    where payments.type = 'payment' and payments.status = 'succeeded' and payments.fee is not null

),

charged_groups as (

    select group_key, min(happened_at) as charged_at
    from {{ ref('int_matching__order_settlement_members') }}
    where is_fee
    group by group_key

),

-- refunds before the charge lower the base; after it the charge may be given back, which is no charge
split_refunds as (

    select
        groups.group_key,
        sum(case when tickets.happened_at <= charged_groups.charged_at then refunds.amount else 0 end) as early_refund_amount,
        sum(
            case when tickets.happened_at <= charged_groups.charged_at then refunds.amount + refunds.clawback_amount else 0 end
        ) as early_base_amount,
        count(case when tickets.happened_at > charged_groups.charged_at then 1 end) as late_count
    from {{ ref('int_matching__order_refunds') }} as refunds
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on refunds.order_key = groups.order_key
    inner join charged_groups on groups.group_key = charged_groups.group_key
    inner join (
        select record_key, coalesce(succeeded_at, applied_at) as happened_at from {{ ref('int_ledger__refunds') }}
    ) as tickets on refunds.record_key = tickets.record_key
    group by groups.group_key

),

order_fees as (

    select
        min(members.record_type) as record_type,
        min(members.record_key) as record_key,
        groups.entity,
        groups.platform,
        groups.store,
        min(members.account) as account,
        groups.currency,
        min(members.business_date) as business_date,
        max(members.received_on) as received_on,
        groups.order_no as source_no,
        groups.order_no,
        members.component as fee_type,
        orders.consideration as consideration_amount,
        orders.consideration - orders.freight as goods_amount,
        orders.buyer_paid as paid_amount,
        orders.buyer_paid - orders.freight as goods_paid_amount,
        orders.goods_amount + orders.freight as order_amount,
        coalesce(split_refunds.early_base_amount, 0) as early_base_amount,
        coalesce(split_refunds.early_refund_amount, 0) as early_refund_amount,
        {{ day_of(['orders.ordered_at']) }} as ordered_on,
        orders.business_date as paid_on,
        coalesce({{ day_of(['orders.confirmed_at']) }}, min(members.business_date)) as confirmed_on,
        cast(
            -sum(case when members.amount < 0 or coalesce(split_refunds.late_count, 0) = 0 then members.amount else 0 end)
            as decimal(18, 2)
        ) as charged_amount
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on members.group_key = groups.group_key
    inner join {{ ref('int_ledger__orders') }} as orders on groups.order_key = orders.record_key
    left join split_refunds on groups.group_key = split_refunds.group_key
    where members.is_fee and groups.order_count = 1
    group by
        groups.group_key, groups.entity, groups.platform, groups.store, groups.currency, groups.order_no,
        members.component, orders.consideration, orders.freight, orders.buyer_paid, orders.goods_amount,
        orders.ordered_at, orders.business_date, orders.confirmed_at,
        split_refunds.early_base_amount, split_refunds.early_refund_amount

),

int_exceptions__charged_fees as (

    select * from channel_fees
    union all
    select * from order_fees

)

select * from int_exceptions__charged_fees
