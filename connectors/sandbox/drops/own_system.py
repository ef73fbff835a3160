"""The merchant's own order system beside a platform: the orders of one shop as it knows them, as spreadsheets.

It hears of every order, except of one a cycle; about one it is wrong, and one it has alone.
"""

from datetime import date
from pathlib import Path

from connectors.sandbox.drops import market_files
from connectors.sandbox.market import Market
from connectors.sandbox.market.cast import OWN_PREFIX, OWN_SYSTEM_FEN, OWN_SYSTEM_OF, SHOP

_PLACE = f"'{SHOP[OWN_SYSTEM_OF].platform}' as platform, '{OWN_SYSTEM_OF}' as store, 'CNY' as currency"
_ORDERS = f"""
    select * exclude (order_no), case when fault = 'own_system_alone' then [order_no, '{OWN_PREFIX}' || order_no]
        else [order_no] end as numbers, unnest(numbers) as order_no
    from market.orders_at($end, $first, $day)
    where shop = '{OWN_SYSTEM_OF}' and fault is distinct from 'own_system_misses' and modified_at::date = $day
"""
_STREAMS = {
    "orders": f"""
        with known as ({_ORDERS})
        select {_PLACE}, order_no, status, local_text(ordered_at) as ordered_at,
            local_text(seen(paid_at, $end)) as paid_at, yuan(goods) as goods_amount,
            yuan(merchant_discount) as merchant_discount, yuan(platform_subsidy) as platform_subsidy,
            yuan(freight) as freight,
            yuan(buyer_paid + case when fault = 'own_system_differs' then {OWN_SYSTEM_FEN} else 0 end) as buyer_paid,
            local_text(modified_at) as updated_at
        from known order by order_no
    """,
    "order_lines": f"""
        with known as ({_ORDERS})
        select {_PLACE}, order_no, line_no, 'SKU' || lpad(sku_no::varchar, 4, '0') as sku, lines.quantity,
            yuan(unit_price) as unit_price, yuan(line_amount) as line_amount
        from market.lines as lines
        inner join known using (shop, day, n)
        order by order_no, line_no
    """,
}


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """The orders that changed on a day, and their lines."""
    return market_files.copied(market, folder, day, _STREAMS)
