"""What the market's shops without an interface leave as spreadsheets: the till's and the telephone's orders.

With them come what only paper tells: the carrier's list of cash it collected, and the payouts of those who send a
notice instead of a balance. Orders, refunds and shipments come again, whole, on each day they changed.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import reduce
from pathlib import Path

from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market
from connectors.sandbox.market.plan import is_file_repeated

_HORIZON = timedelta(days=16)
_IN_FILES = "shop in ($shops)"
_SHOPS = ("pos_shop", "phone_shop")
_PLACE = "case shop when 'pos_shop' then 'offline' else 'own_site' end as platform, shop as store, currency"
_BY_NOTICE = "('sf_cod', 'shouqianba_main', 'unionpay_main')"

STREAMS = {
    "orders": f"""
        select {_PLACE}, order_no, status, buyer as buyer_id, local_text(ordered_at) as ordered_at,
            local_text(seen(paid_at, $end)) as paid_at, local_text(seen(shipped_at, $end)) as shipped_at,
            local_text(seen(delivered_at, $end)) as signed_at, local_text(seen(confirmed_at, $end)) as confirmed_at,
            yuan(goods) as goods_amount, yuan(merchant_discount) as merchant_discount, '0.00' as platform_subsidy,
            '0.00' as channel_subsidy, '0.00' as creator_subsidy, yuan(freight) as freight,
            yuan(buyer_paid) as buyer_paid, pay_no as merchant_pay_no, payment_method, 'domestic' as ship_mode,
            quantity as ordered_qty, local_text(modified_at) as updated_at
        from market.orders_at($end, $first, $day)
        where {_IN_FILES} and modified_at::date = $day
        order by order_no
    """,
    "order_lines": f"""
        select {_PLACE}, order_no, line_no, 'SKU' || lpad(sku_no::varchar, 4, '0') as sku,
            '商品' || lpad(sku_no::varchar, 3, '0') as title, '类目' || (sku_no % 10) as category, lines.quantity,
            yuan(unit_price) as unit_price, yuan(line_amount) as line_amount,
            yuan(merchant_share) as merchant_discount, yuan(unit_price * 55 // 100) as unit_cost, '0.01' as tax_rate
        from market.lines as lines
        inner join (select shop, day, n, order_no, currency from market.orders) using (shop, day, n)
        where {_IN_FILES} and day = $day
        order by order_no, line_no
    """,
    "refunds": f"""
        select {_PLACE}, refund_no, order_no,
            case when fault in ('return_not_refunded', 'refund_not_returned') then 'return_refund'
                else 'refund_only' end as type,
            case when refunded_at <= $end and fault is distinct from 'refund_returned' then 'succeeded'
                else 'processing' end as status,
            yuan(refund_amount) as amount, merchant_refund_no, '商品瑕疵' as reason,
            local_text(applied_at) as applied_at, local_text(seen(refunded_at, $end)) as succeeded_at
        from market.orders
        where {_IN_FILES} and day between $first and $day
            and (applied_at::date = $day or refunded_at::date = $day)
        order by refund_no
    """,
    "shipments": f"""
        select {_PLACE}, waybill_no, order_no, carrier, quantity, local_text(shipped_at) as tracked_at,
            local_text(seen(picked_up_at, $end)) as picked_up_at,
            local_text(seen(delivered_at, $end)) as delivered_at
        from market.orders
        where {_IN_FILES} and waybill_no is not null and day between $first and $day
            and (shipped_at::date = $day or delivered_at::date = $day)
        order by waybill_no
    """,
    "payments": """
        select 'offline' as platform, account, 'CNY' as currency, transaction_no, type,
            case when fault = 'refund_returned' and type = 'refund' then 'returned' else 'succeeded' end as status,
            yuan(amount) as amount, yuan(fee) as fee, pay_no as merchant_pay_no, order_no,
            local_text(happened_at) as occurred_at, local_text(happened_at) as succeeded_at
        from market.payments
        where account = 'sf_cod' and day between $first and $day and happened_at::date = $day
        order by transaction_no
    """,
    "payouts": f"""
        select account, 'CNY' as currency, payout_no, yuan(amount) as amount, '0.00' as fee,
            local_text(initiated_at) as initiated_at,
            case when arrives_on > $day then 'in_transit' when fault = 'payout_returned' then 'returned' else 'paid' end
                as status
        from market.payouts
        where account in {_BY_NOTICE} and (day = $day or arrives_on = $day)
        order by payout_no
    """,
    # goods that came back: those of the one ticket that nobody pays
    "returns": f"""
        select {_PLACE}, 'RT' || order_no as return_no, order_no, refund_no, quantity,
            local_text(applied_at + interval 1 day) as received_at
        from market.orders
        where {_IN_FILES} and fault = 'return_not_refunded' and applied_at::date = $day - 1
        order by return_no
    """,
}
_PAPERS = {
    # one delivery of a supplier, under two numbers
    "invoices": """
        select 'BRANCH' as entity, unnest(['INV' || order_no || '1', 'INV' || order_no || '2']) as invoice_no,
            'purchase' as kind, yuan(goods * 55 // 100) as net, yuan(half_up(goods * 55 // 100 * 13, 100)) as vat,
            '0.13' as tax_rate, $day as issued_on, 'CNY' as currency, '供应商' || (n % 5) as counterparty
        from market.orders
        where fault = 'duplicate_invoice' and day = $day
        order by invoice_no
    """,
    # what a creator asks for an order that was settled
    "commission_bills": """
        select 'douyin' as platform, shop as store, 'CNY' as currency, 'DR' || order_no as bill_no, order_no,
            'creator' as kind, yuan(-lines.amount + 100 + n % 400) as amount, $day as billed_on
        from market.settlement_lines as lines
        inner join market.orders using (shop, order_no)
        where component = 'creator_fee' and settled_at::date = $day
        order by bill_no
    """,
}


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """The day's spreadsheets; one of them may be left twice."""
    streams = tuple(stream for stream in STREAMS if stream != "returns")
    paths = [*written(market, folder, day, streams, _SHOPS), *copied(market, folder, day, _PAPERS)]
    if is_file_repeated(market.world.config, day):
        paths.append(placed(folder / f"orders_{day}_again.csv", (folder / f"orders_{day}.csv").read_bytes()))
    return paths


def written(market: Market, folder: Path, day: date, streams: tuple[str, ...], shops: tuple[str, ...]) -> list[Path]:
    """Some of the spreadsheets, for some shops."""
    listed = ", ".join(f"'{shop}'" for shop in shops)
    return copied(market, folder, day, {name: STREAMS[name].replace("$shops", listed) for name in streams})


def copied(market: Market, folder: Path, day: date, queries: Mapping[str, str]) -> list[Path]:
    """One spreadsheet a query: $day is its day, $end that day's end, $first the oldest day that still changes."""
    market.ensure(day)
    end = datetime(day.year, day.month, day.day) + timedelta(days=1, microseconds=-1)  # noqa: DTZ001 - local time
    values = {"$end": f"timestamp '{end}'", "$first": f"date '{day - _HORIZON}'", "$day": f"date '{day}'"}
    paths: list[Path] = []
    for stream, query in queries.items():
        sql = reduce(lambda text, name: text.replace(name, values[name]), values, query)
        path = folder / f"{stream}_{day}.csv"
        temporary = path.with_name(f".{path.name}.part")
        market.world.run(f"copy ({sql}) to '{temporary}' (format csv, header)")
        paths.append(temporary.replace(path))
    return paths
