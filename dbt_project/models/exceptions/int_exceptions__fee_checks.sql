-- One row per charged fee: the rule that applies, what it would have charged, and the rate the charge implies.
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
        payments.amount as consideration_base,
        payments.amount as paid_base,
        payments.fee as charged_amount
    from {{ ref('int_ledger__payments') }} as payments
    where payments.type = 'payment' and payments.status = 'succeeded' and payments.fee is not null

),

-- refunds before the money was credited lower the base
early_refunds as (

    select
        refunds.order_key,
        sum(refunds.amount) as refund_amount,
        sum(refunds.amount + refunds.clawback_amount) as base_amount
    from {{ ref('int_matching__order_refunds') }} as refunds
    inner join {{ ref('int_ledger__refunds') }} as tickets on refunds.record_key = tickets.record_key
    inner join {{ ref('int_ledger__orders') }} as orders on refunds.order_key = orders.record_key
    where orders.confirmed_at is not null and coalesce(tickets.succeeded_at, tickets.applied_at) <= orders.confirmed_at
    group by refunds.order_key

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
        groups.consideration - coalesce(max(early_refunds.base_amount), 0) as consideration_base,
        max(orders.buyer_paid) - coalesce(max(early_refunds.refund_amount), 0) as paid_base,
        cast(-sum(members.amount) as decimal(18, 2)) as charged_amount
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on members.group_key = groups.group_key
    inner join {{ ref('int_ledger__orders') }} as orders on groups.order_key = orders.record_key
    left join early_refunds on groups.order_key = early_refunds.order_key
    where members.is_fee and groups.order_count = 1
    group by
        groups.group_key, groups.entity, groups.platform, groups.store, groups.currency, groups.order_no,
        members.component, groups.consideration

),

fees as (

    select * from channel_fees
    union all
    select * from order_fees

),

candidates as (

    select
        fees.record_type,
        fees.record_key,
        fees.fee_type,
        rules.rule_id,
        rules.rule_version,
        rules.base as base_kind,
        rules.rate,
        rules.fixed,
        rules.minimum,
        rules.maximum,
        row_number() over (
            partition by fees.record_type, fees.record_key, fees.fee_type
            order by
                case when rules.account is not null then 0 else 1 end,
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end,
                rules.valid_from desc,
                rules.rule_id
        ) as rule_rank
    from fees
    inner join {{ ref('int_ledger__fee_rules') }} as rules
        on
            fees.fee_type = rules.fee_type
            and coalesce(rules.platform, fees.platform, '') = coalesce(fees.platform, '')
            and coalesce(rules.store, fees.store, '') = coalesce(fees.store, '')
            and coalesce(rules.account, fees.account, '') = coalesce(fees.account, '')
            and fees.business_date >= rules.valid_from
            and fees.business_date <= coalesce(rules.valid_to, fees.business_date)
    where rules.category is null

),

based as (

    select
        fees.*,
        candidates.rule_id,
        candidates.rule_version,
        candidates.rate,
        candidates.fixed,
        candidates.minimum,
        candidates.maximum,
        cast(
            case when candidates.base_kind in ('buyer_paid', 'buyer_paid_less_freight') then fees.paid_base
                when candidates.base_kind = 'fixed' then 0
                else fees.consideration_base
            end as decimal(18, 2)
        ) as base_amount
    from fees
    left join candidates
        on
            fees.record_type = candidates.record_type
            and fees.record_key = candidates.record_key
            and fees.fee_type = candidates.fee_type
            and candidates.rule_rank = 1

),

expected as (

    select
        *,
        case
            when rule_id is not null
                then least(
                    greatest(
                        {{ half_up('base_amount * coalesce(rate, 0) + coalesce(fixed, 0)') }}, coalesce(minimum, -999999999999)
                    ),
                    coalesce(maximum, 999999999999)
                )
        end as expected_amount
    from based

),

int_exceptions__fee_checks as (

    select
        expected.record_type,
        expected.record_key,
        expected.entity,
        expected.platform,
        expected.store,
        expected.account,
        expected.currency,
        expected.business_date,
        expected.received_on,
        expected.source_no,
        expected.order_no,
        expected.fee_type,
        expected.base_amount,
        cast(expected.expected_amount as decimal(18, 2)) as expected_amount,
        cast(expected.charged_amount as decimal(18, 2)) as charged_amount,
        cast(expected.charged_amount - expected.expected_amount as decimal(18, 2)) as difference,
        expected.rule_id,
        expected.rule_version,
        expected.rate,
        case
            when expected.base_amount > 0
                then cast(cast(expected.charged_amount as double) / cast(expected.base_amount as double) as decimal(18, 6))
        end as implied_rate,
        coalesce(abs(expected.charged_amount - expected.expected_amount) > parameters.fee_tol_txn, false) as is_beyond
    from expected
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_exceptions__fee_checks
