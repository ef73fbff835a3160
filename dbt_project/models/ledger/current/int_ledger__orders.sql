-- One row per order of an open thread whose amounts are known: its current version, amounts it does not state filled from its lines.
{{ config(materialized='table' if is_fed('orders') else 'view') }}

{% set filled = [
    'goods_amount', 'merchant_discount', 'platform_subsidy', 'channel_subsidy', 'creator_subsidy', 'freight', 'buyer_paid',
] %}
{% if is_fed('orders') %}
with

orders as (

    select
        *,
        store || '|' || order_no || '|' || role as order_key
    from {{ ref('int_ledger__stated_orders') }}
    where known_to is null

),

-- only orders that leave an amount out are looked up
silent as (

    select order_key from orders
    where
        goods_amount is null
        or buyer_paid is null
        or merchant_discount is null
        or platform_subsidy is null
        or channel_subsidy is null
        or creator_subsidy is null

),

lines as (

    select
        silent.order_key,
        sum(order_lines.line_amount) as line_amount,
        sum(order_lines.merchant_discount) as merchant_discount
    from {{ ref('int_ledger__order_lines') }} as order_lines
    inner join silent on order_lines.store || '|' || order_lines.order_no || '|' || order_lines.role = silent.order_key
    group by silent.order_key

),

bearers as (

    select
        silent.order_key,
        sum(case when discounts.bearer = 'merchant' then discounts.amount end) as merchant_amount,
        sum(case when discounts.bearer = 'platform' then discounts.amount end) as platform_amount,
        sum(case when discounts.bearer = 'channel' then discounts.amount end) as channel_amount,
        sum(case when discounts.bearer = 'creator' then discounts.amount end) as creator_amount
    from {{ ref('int_ledger__discounts') }} as discounts
    inner join silent on discounts.store || '|' || discounts.order_no || '|' || discounts.role = silent.order_key
    group by silent.order_key

),

known as (

    select
        orders.*,
        coalesce(orders.goods_amount, lines.line_amount) as known_goods_amount,
        coalesce(orders.merchant_discount, bearers.merchant_amount, lines.merchant_discount, 0) as known_merchant_discount,
        coalesce(orders.platform_subsidy, bearers.platform_amount, 0) as known_platform_subsidy,
        coalesce(orders.channel_subsidy, bearers.channel_amount, 0) as known_channel_subsidy,
        coalesce(orders.creator_subsidy, bearers.creator_amount, 0) as known_creator_subsidy,
        coalesce(orders.freight, 0) as known_freight,
        lines.order_key is not null as has_lines
    from orders
    left join lines on orders.order_key = lines.order_key
    left join bearers on orders.order_key = bearers.order_key

),

owed as (

    select
        *,
        known_goods_amount - known_merchant_discount + known_freight as known_consideration
    from known

),

paid as (

    select
        *,
        case
            when buyer_paid is not null then buyer_paid
            when has_lines
                then known_consideration - known_platform_subsidy - known_channel_subsidy - known_creator_subsidy
        end as known_buyer_paid
    from owed

),

int_ledger__orders as (

    select
        {% for name in common_columns() %}
        {{ name }},
        {% endfor %}
        {% for column in ledger_columns('orders') %}
        {% if column.name in filled %}
        cast(known_{{ column.name }} as decimal(18, 2)) as {{ column.name }},
        {% else %}
        {{ column.name }},
        {% endif %}
        {% endfor %}
        cast(known_consideration as decimal(18, 2)) as consideration,
        pay_key
    from paid
    where known_consideration is not null and known_buyer_paid is not null

)

select * from int_ledger__orders
{% else %}
{{ empty_stream('orders', {'consideration': 'decimal(18, 2)', 'pay_key': type_wide_number()}) }}
{% endif %}
