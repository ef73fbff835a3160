-- One row per order: what was paid, refunded, charged and credited for it, shared out where orders were paid together.
with

members as (

    select * from {{ ref('int_matching__order_payment_members') }}

),

group_payments as (

    select group_key, sum(amount) as paid_amount
    from members
    where record_type = 'payment'
    group by group_key

),

-- the payments of a group, and the channel refunds that give them back
group_moves as (

    select group_key, record_key from members where record_type = 'payment'
    union all
    select order_group_key as group_key, record_key
    from {{ ref('int_matching__refund_payment_members') }}
    where record_type = 'payment' and order_group_key is not null

),

group_fees as (

    select group_moves.group_key, sum(payments.fee) as fee_amount
    from group_moves
    inner join {{ ref('int_ledger__payments') }} as payments on group_moves.record_key = payments.record_key
    where payments.fee is not null
    group by group_moves.group_key

),

-- several refunds of one payment may share one group of wallet flows
group_flow_keys as (

    select group_moves.group_key, payment_flows.group_key as flow_key
    from group_moves
    inner join {{ ref('int_matching__payment_flow_members') }} as payment_flows
        on payment_flows.record_type = 'payment' and group_moves.record_key = payment_flows.record_key
    group by group_moves.group_key, payment_flows.group_key

),

-- what the wallet shows for them
group_flows as (

    select
        group_flow_keys.group_key,
        sum(flows.amount) as credited_amount,
        max(records.business_date) as credited_on,
        min(records.account) as account
    from group_flow_keys
    inner join {{ ref('int_matching__payment_flow_legs') }} as flows
        on group_flow_keys.flow_key = flows.match_key and flows.side = 'right'
    inner join {{ ref('int_matching__records') }} as records
        on flows.record_type = records.record_type and flows.record_key = records.record_key
    group by group_flow_keys.group_key

),

channel_shares as (

    select
        orders.record_key,
        orders.group_key,
        orders.amount,
        sum(orders.amount) over (partition by orders.group_key) as group_amount,
        sum(orders.amount) over (
            partition by orders.group_key order by orders.record_key rows between unbounded preceding and current row
        ) as running_amount,
        coalesce(group_payments.paid_amount, 0) as group_paid_amount,
        coalesce(group_fees.fee_amount, 0) as group_fee_amount,
        coalesce(group_flows.credited_amount, 0) as group_credited_amount,
        group_flows.credited_on,
        group_flows.account
    from members as orders
    left join group_payments on orders.group_key = group_payments.group_key
    left join group_fees on orders.group_key = group_fees.group_key
    left join group_flows on orders.group_key = group_flows.group_key
    where orders.record_type = 'order'

),

-- shares of a running total: each slice is rounded, the last takes what is left
channel_money as (

    select
        record_key,
        account,
        credited_on,
        {% for name in ['paid', 'fee', 'credited'] %}
        {% set amount = 'group_' ~ name ~ '_amount' %}
        {% set share %}
        {{ half_up_share('abs(' ~ amount ~ ')', 'running_amount', 'group_amount') }}
        - {{ half_up_share('abs(' ~ amount ~ ')', '(running_amount - amount)', 'group_amount') }}
        {%- endset %}
        case
            when group_amount = 0 then 0
            when {{ amount }} < 0 then -({{ share }})
            else {{ share }}
        end as {{ name }}_amount{{ '' if loop.last else ',' }}
        {% endfor %}
    from channel_shares

),

platform_money as (

    select
        members.group_key,
        min(case when members.record_type = 'order' then members.record_key end) as record_key,
        min(members.account) as account,
        max(case when members.record_type <> 'order' then members.business_date end) as credited_on,
        sum(case when members.is_fee then -members.amount else 0 end) as fee_amount,
        sum(case when members.record_type <> 'order' then members.amount else 0 end) as credited_amount
    from {{ ref('int_matching__order_settlement_members') }} as members
    group by members.group_key

),

refunds as (

    select store, order_no, sum(amount) as refunded_amount, max(business_date) as refunded_on
    from {{ ref('int_ledger__refunds') }}
    where status = 'succeeded' and role = 'platform'
    group by store, order_no

),

int_matching__order_money as (

    select
        orders.record_key,
        case
            when stores.money = 'platform' and orders.paid_at is not null then orders.buyer_paid
            else coalesce(channel_money.paid_amount, 0)
        end as paid_amount,
        coalesce(refunds.refunded_amount, 0) as refunded_amount,
        coalesce(platform_money.fee_amount, channel_money.fee_amount, 0) as fee_amount,
        coalesce(platform_money.credited_amount, channel_money.credited_amount, 0) as settled_amount,
        case
            when coalesce(paid_days.is_paid_out, false)
                then coalesce(platform_money.credited_amount, channel_money.credited_amount, 0)
            else 0
        end as paid_out_amount,
        paid_days.account as wallet,
        paid_days.day as credited_on,
        coalesce(not paid_days.is_paid_out, false) as is_on_its_way
    from {{ ref('int_ledger__orders') }} as orders
    left join {{ ref('int_ledger__stores') }} as stores on orders.store = stores.store
    left join channel_money on orders.record_key = channel_money.record_key
    left join platform_money on orders.record_key = platform_money.record_key
    left join refunds on orders.store = refunds.store and orders.order_no = refunds.order_no
    left join {{ ref('int_matching__paid_days') }} as paid_days
        on
            coalesce(platform_money.account, channel_money.account) = paid_days.account
            and coalesce(platform_money.credited_on, channel_money.credited_on) = paid_days.day

)

select * from int_matching__order_money
