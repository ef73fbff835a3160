-- One row per order: its money on every leg, and where it stands.
with

orders as (

    select * from {{ ref('int_ledger__orders') }} where role = 'platform'

),

exceptions as (

    select store, order_no, count(*) as open_exceptions
    from {{ ref('int_exceptions__all') }}
    where status not in ('timing', 'cleared') and order_no is not null
    group by store, order_no

),

returned as (

    select store, order_no, max(received_at) as received_at
    from {{ ref('int_ledger__returns') }}
    group by store, order_no

),

invoiced as (

    select entity, order_no, sum(net + vat) as invoiced_amount
    from {{ ref('int_ledger__invoices') }}
    where kind in ('sale', 'red') and order_no is not null
    group by entity, order_no

),

shipped as (

    select record_key, shipped_at from {{ ref('int_matching__order_shipment_due') }}

),

delivered as (

    select entity, order_no, min(delivered_at) as delivered_at
    from {{ ref('int_ledger__shipments') }}
    group by entity, order_no

)

select
    orders.record_key,
    orders.entity,
    orders.platform,
    orders.store,
    orders.order_no,
    orders.business_date,
    orders.currency,
    orders.status,
    orders.ordered_at,
    orders.paid_at,
    orders.confirmed_at,
    orders.goods_amount,
    cast(orders.consideration as decimal(18, 2)) as consideration,
    orders.merchant_discount,
    orders.platform_subsidy,
    orders.channel_subsidy,
    orders.creator_subsidy,
    orders.freight,
    orders.buyer_paid,
    orders.payment_method,
    orders.merchant_pay_no,
    cast(money.paid_amount as decimal(18, 2)) as paid_amount,
    cast(money.refunded_amount as decimal(18, 2)) as refunded_amount,
    cast(money.fee_amount as decimal(18, 2)) as fee_amount,
    cast(money.settled_amount as decimal(18, 2)) as settled_amount,
    cast(money.paid_out_amount as decimal(18, 2)) as paid_out_amount,
    cast(coalesce(states.open_amount, 0) as decimal(18, 2)) as open_amount,
    states.match_status,
    states.match_id,
    cast(coalesce(exceptions.open_exceptions, 0) as integer) as open_exceptions,
    case
        when money.refunded_amount >= orders.buyer_paid and money.refunded_amount > 0 then 'refunded'
        when money.paid_amount <= 0 then 'unpaid'
        when money.paid_amount < orders.buyer_paid then 'part_paid'
        else 'paid'
    end as paid_state,
    case
        when returned.received_at is not null then 'returned'
        when coalesce(delivered.delivered_at, orders.signed_at, orders.confirmed_at) is not null then 'delivered'
        when coalesce(shipped.shipped_at, orders.shipped_at) is not null then 'shipped'
        else 'not_shipped'
    end as delivered_state,
    case
        when coalesce(invoiced.invoiced_amount, 0) <= 0 then 'not_invoiced'
        when invoiced.invoiced_amount < orders.consideration then 'part_invoiced'
        else 'invoiced'
    end as invoiced_state,
    case parameters.recognition_point
        when 'signed' then {{ day_of(['orders.signed_at']) }}
        when 'shipped' then {{ day_of(['orders.shipped_at']) }}
        when 'delivered' then {{ day_of(['delivered.delivered_at', 'orders.signed_at']) }}
        else {{ day_of(['orders.confirmed_at']) }}
    end as recognized_on,
    orders.version,
    orders.connection,
    files.sha256 as source_file_sha256,
    orders.row_number as source_row
from orders
cross join {{ ref('int_ledger__parameters') }} as parameters
left join {{ ref('int_matching__order_money') }} as money on orders.record_key = money.record_key
left join {{ ref('int_matching__record_states') }} as states
    on states.record_type = 'order' and orders.record_key = states.record_key
left join exceptions on orders.store = exceptions.store and orders.order_no = exceptions.order_no
left join returned on orders.store = returned.store and orders.order_no = returned.order_no
left join invoiced on orders.entity = invoiced.entity and orders.order_no = invoiced.order_no
left join shipped on orders.record_key = shipped.record_key
left join delivered on orders.entity = delivered.entity and orders.order_no = delivered.order_no
left join {{ ref('int_ledger__files') }} as files on orders.file_id = files.file_id
