"""Whatever a shop writes into its records comes back exactly; damaged answers are refused or read to their end."""

import json
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.shopify import SOURCE
from tests.support import fuzz

ORDERS, BALANCE, PAYOUTS = SOURCE.streams
CENTS = st.integers(-10_000_000, 10_000_000)
TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=30) | st.sampled_from(
    ['双十一,"特惠"', "a\nb", "\u2028", "\\", "{}"]
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def money(cents):
    return {"amount": format(Decimal(cents).scaleb(-2), "f"), "currencyCode": "USD"}


def written(records, way):
    inner = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": records}
    data = {"orders": inner} if way == "orders" else {"shopifyPaymentsAccount": {way: inner}}
    return json.dumps({"data": data}, ensure_ascii=False).encode()


def read(stream, body, folder, connection):
    path = folder / "page.json"
    path.write_bytes(body)
    unpacked = stream.unpack(path, "json", folder, connection)
    assert unpacked.refused is None, unpacked.refused
    return stream.canonical(unpacked, connection)


def balance_record(number, gross, fee, remark):
    return {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number}",
        "type": "CHARGE",
        "transactionDate": "2026-10-08T02:00:00Z",
        "adjustmentReason": remark,
        "amount": money(gross),
        "fee": money(fee),
        "net": money(gross - fee),
        "associatedOrder": None,
        "associatedPayout": {"id": None},
    }


def order_record(number, prices, title):
    lines = [
        {
            "id": f"gid://shopify/LineItem/{number}{place}",
            "name": title,
            "quantity": 1,
            "originalUnitPriceSet": {"shopMoney": money(price)},
            "originalTotalSet": {"shopMoney": money(price)},
            "discountAllocations": [],
        }
        for place, price in enumerate(prices)
    ]
    return {
        "id": f"gid://shopify/Order/{number}",
        "createdAt": "2026-10-08T02:00:00Z",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "currencyCode": "USD",
        "taxesIncluded": False,
        "totalPriceSet": {"shopMoney": money(sum(prices))},
        "totalTaxSet": {"shopMoney": money(0)},
        "lineItems": {"pageInfo": {"hasNextPage": False}, "nodes": lines},
        "refunds": [],
        "fulfillments": [],
    }


@QUICK
@given(rows=st.lists(st.tuples(CENTS, st.integers(-5000, 5000), TEXT), min_size=1, max_size=20))
def test_the_movements_of_a_page_add_up_to_its_nets(tmp_path, connect, rows):
    records = [balance_record(number, *row) for number, row in enumerate(rows)]
    found = read(BALANCE, written(records, "balanceTransactions"), tmp_path, connect("shopify"))
    assert () == found.quarantine
    flows = found.streams["fund_flows"]
    signed = [Decimal(row["amount"]) * (1 if row["direction"] == "in" else -1) for row in flows]
    assert sum(gross - fee for gross, fee, _ in rows) == sum(signed) * 100
    assert len(rows) == len({row["flow_no"].removesuffix("-fee") for row in flows})
    assert {remark or None for _, _, remark in rows} == {row["remark"] for row in flows}


@QUICK
@given(rows=st.lists(st.tuples(st.lists(st.integers(0, 10**7), min_size=1, max_size=5), TEXT), min_size=1, max_size=8))
def test_orders_and_their_lines_come_back_as_written(tmp_path, connect, rows):
    records = [order_record(number, *row) for number, row in enumerate(rows, 1)]
    found = read(ORDERS, written(records, "orders"), tmp_path, connect("shopify"))
    assert [Decimal(sum(prices)).scaleb(-2) for prices, _ in rows] == [
        Decimal(row["goods_amount"]) for row in found.streams["orders"]
    ]
    assert [title for prices, title in rows for _ in prices] == [row["title"] for row in found.streams["order_lines"]]


def test_damaged_answers_are_refused_or_read_to_their_end(tmp_path, connect):
    seeds = [
        written([order_record(1, [1000, 250], "双十一")], "orders"),
        written([order_record(2, [5], "x"), order_record(3, [7], "y")], "orders"),
    ]

    def check(_body, unpacked, canonical):
        if unpacked.refused is None:
            counted = sum(len(part) for part in (canonical.streams.get("orders", []), canonical.quarantine))
            assert counted or not canonical.streams["orders"]

    fuzz(ORDERS, seeds, connect("shopify"), tmp_path, suffix="json", check=check, readers=3)
    balance = [written([balance_record(1, 1150, 65, "a"), balance_record(2, -50, 0, "b")], "balanceTransactions")]
    fuzz(BALANCE, balance, connect("shopify"), tmp_path, suffix="json", readers=3)
    payout = {
        "id": "gid://shopify/ShopifyPaymentsPayout/7",
        "issuedAt": "2026-10-08T02:00:00Z",
        "net": money(100),
        "status": "PAID",
        "summary": {"chargesGross": money(100)},
    }
    fuzz(PAYOUTS, [written([payout], "payouts")], connect("shopify"), tmp_path, suffix="json", readers=3)
