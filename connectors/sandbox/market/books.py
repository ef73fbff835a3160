"""The market's own totals, under the names and columns of the world's books."""

MARKET_BOOKS = {
    "stores": """
        select
            shop as store, coalesce(seen(paid_at, $now), ordered_at)::date as day, count(*) as orders,
            sum(buyer_paid) as buyer_paid, sum(consideration) as consideration,
            sum(platform_subsidy) as platform_subsidy,
            count(*) filter (seen(paid_at, $now) is not null) as paid_orders,
            coalesce(sum(buyer_paid) filter (seen(paid_at, $now) is not null), 0) as paid_amount
        from market.orders_at($now, $first, $last)
        group by all
    """,
    "tickets": """
        select shop as store, refunded_at::date as day, count(*) as refunds, sum(refund_amount) as refunded_amount
        from market.orders
        where refunded_at < $now and fault is distinct from 'refund_returned'
        group by all
    """,
    "payments": """
        select account, happened_at::date as day, count(*) as payments, sum(amount) as paid_amount,
            sum(fee) as fee_amount
        from market.payments
        where happened_at < $now and type = 'payment'
        group by all
    """,
    "refunds": """
        select account, happened_at::date as day, count(*) as refunds, sum(amount) as refunded_amount,
            sum(-fee) as fee_returned
        from market.payments
        where happened_at < $now and type = 'refund'
        group by all
    """,
    "balances": """
        select account, day, opening as opening_balance, in_sum as in_amount, out_sum as out_amount,
            in_count + out_count as rows, closing as closing_balance
        from market.balances
        where day < $last
    """,
    "payouts": """
        select account, day, count(*) as payouts, sum(amount) as payout_amount
        from market.payouts
        where day < $last
        group by all
    """,
    "settlements": """
        select shop as store, settled_at::date as day, count(*) as lines, sum(amount) as settled_amount
        from market.settlement_lines
        where settled_at < $now
        group by all
    """,
}
