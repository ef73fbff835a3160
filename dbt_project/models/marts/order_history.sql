-- One row per version of an order, with the time it became known.
select
    record_key as key,
    version,
    known_from,
    known_to,
    changed_columns,
    entity,
    platform,
    store,
    order_no,
    status,
    paid_at,
    shipped_at,
    signed_at,
    confirmed_at,
    goods_amount,
    merchant_discount,
    platform_subsidy,
    channel_subsidy,
    creator_subsidy,
    freight,
    buyer_paid
from {{ ref('int_ledger__stated_orders') }}
