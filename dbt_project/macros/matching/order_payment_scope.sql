{#
    Where records enter order↔payment: the orders and the payments in scope. Whoever takes a record out of the level does
    it here, and it is out of every step.
#}
{% macro order_payment_orders(join='') -%}
from {{ ref('int_ledger__orders') }} as orders
    {{ join }}
    where
        orders.store in (select store from {{ ref('int_ledger__stores') }} where money = 'channel')
        and orders.role = 'platform'
        and coalesce(orders.payment_method, 'online') <> 'credit'
{%- endmacro %}

{% macro order_payment_payments() -%}
from {{ ref('int_ledger__payments') }} as payments
    where payments.type in ('payment', 'reversal') and payments.status = 'succeeded'
{%- endmacro %}

{# The row of its file as one whole number: enough to know a current record of one stream by. #}
{% macro row_id(relation) -%}
cast({{ relation }}.file_id as bigint) * 1099511627776 + {{ relation }}.row_number
{%- endmacro %}

{# The records in scope that are in no plain pair: few. #}
{% macro set_apart(record_type) -%}
select row_id from {{ ref('int_matching__order_payment_apart') }} where record_type = '{{ record_type }}'
{%- endmacro %}

{# Whether an order counts as paid. #}
{% macro is_paid_order() -%}
(orders.paid_at is not null or orders.status in ('paid', 'shipped', 'completed'))
{%- endmacro %}

{# An amount with the sign it has among the payments of an order. #}
{% macro payment_in_order() -%}
case when payments.type = 'reversal' then -payments.amount else payments.amount end
{%- endmacro %}

{# An order, or a payment, as a member of a group. #}
{% macro order_as_member(group_key) -%}
select
        {{ group_key }} as group_key,
        'order' as record_type,
        orders.record_key,
        orders.entity,
        orders.platform,
        orders.store,
        cast(null as string) as account,
        orders.currency,
        orders.business_date,
        orders.paid_at as happened_at,
        orders.received_on,
        {{ is_paid_order() }} as is_paid,
        orders.status in ('cancelled', 'closed') as is_dead,
        coalesce(orders.payment_method, 'online') as payment_method,
        {{ day_of(['orders.signed_at', 'orders.confirmed_at']) }} as signed_on,
        case when {{ is_paid_order() }} then orders.buyer_paid else 0 end as amount,
        orders.buyer_paid as stated_amount
{%- endmacro %}

{% macro payment_as_member(group_key) -%}
select
        {{ group_key }} as group_key,
        'payment' as record_type,
        payments.record_key,
        payments.entity,
        payments.platform,
        payments.store,
        payments.account,
        payments.currency,
        payments.business_date,
        coalesce(payments.succeeded_at, payments.occurred_at) as happened_at,
        payments.received_on,
        true as is_paid,
        false as is_dead,
        cast(null as string) as payment_method,
        cast(null as date) as signed_on,
        {{ payment_in_order() }} as amount,
        payments.amount as stated_amount
{%- endmacro %}
