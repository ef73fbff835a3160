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

fees as (

    select * from channel_fees
    union all
    select * from order_fees

),

-- the more specific rule wins
candidates as (

    select
        fees.record_type,
        fees.record_key,
        fees.fee_type,
        rules.rule_id,
        rank() over (
            partition by fees.record_type, fees.record_key, fees.fee_type
            order by
                case when rules.account is not null then 0 else 1 end,
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end
        ) as rule_rank
    from fees
    inner join {{ ref('int_ledger__fee_rules') }} as rules
        on
            fees.fee_type = rules.fee_type
            and coalesce(rules.platform, fees.platform, '') = coalesce(fees.platform, '')
            and coalesce(rules.store, fees.store, '') = coalesce(fees.store, '')
            and coalesce(rules.account, fees.account, '') = coalesce(fees.account, '')
            and case rules.date_basis
                when 'ordered' then fees.ordered_on when 'paid' then fees.paid_on
                when 'confirmed' then fees.confirmed_on else fees.business_date
            end between coalesce(rules.valid_from, date '1900-01-01') and coalesce(rules.valid_to, date '9999-12-31')
    where rules.category is null

),

-- rules that fit equally well decide nothing
chosen as (

    select
        record_type,
        record_key,
        fee_type,
        case when count(*) = 1 then min(rule_id) end as rule_id,
        case when count(*) > 1 then {{ listed('rule_id', ' ', 'rule_id') }} end as tied_rules
    from candidates
    where rule_rank = 1
    group by record_type, record_key, fee_type

),

based as (

    select
        fees.*,
        chosen.tied_rules,
        rules.rule_id,
        rules.rule_version,
        rules.rate,
        rules.fixed,
        rules.minimum,
        rules.maximum,
        cast(
            case rules.base
                when 'fixed' then 0
                when 'buyer_paid' then fees.paid_amount
                when 'buyer_paid_less_freight' then fees.goods_paid_amount
                when 'goods_less_discount' then fees.goods_amount
                when 'order_amount' then fees.order_amount
                else fees.consideration_amount
            end
            - case
                when not coalesce(rules.after_refunds, true) or rules.base = 'fixed' then 0
                when rules.base in ('buyer_paid', 'buyer_paid_less_freight') then fees.early_refund_amount
                else fees.early_base_amount
            end as decimal(18, 2)
        ) as base_amount
    from fees
    left join chosen
        on
            fees.record_type = chosen.record_type
            and fees.record_key = chosen.record_key
            and fees.fee_type = chosen.fee_type
    left join {{ ref('int_ledger__fee_rules') }} as rules on chosen.rule_id = rules.rule_id

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
        expected.tied_rules,
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
