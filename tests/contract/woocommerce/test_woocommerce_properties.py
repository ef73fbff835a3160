"""Whatever a site writes into its records comes back exactly; damaged answers are refused or read to their end."""

import json
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.woocommerce import SOURCE
from tests.support import fuzz

ORDERS, REFUNDS = SOURCE.streams
TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=30) | st.sampled_from(
    ['双十一,"特惠"', "a\nb", "\u2028", "\\", "{}"]
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def euro(cents):
    return format(Decimal(cents).scaleb(-2), "f")


def order_record(number, lines, title):
    total = sum(price * quantity for price, quantity in lines)
    return {
        "id": number,
        "status": "processing",
        "order_key": "k",
        "currency": "EUR",
        "date_created_gmt": "2026-10-08T02:00:00",
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "total": euro(total),
        "total_tax": "0.00",
        "prices_include_tax": False,
        "line_items": [
            {"id": place, "name": title, "quantity": quantity, "subtotal": euro(price * quantity), "total": euro(price)}
            for place, (price, quantity) in enumerate(lines, 1)
        ],
    }


def refund_record(number, cents, reason):
    return {
        "id": number,
        "amount": euro(cents),
        "reason": reason,
        "date_created_gmt": "2026-10-08T02:00:00",
        "refunded_by": 1,
        "refunded_payment": True,
        "line_items": [],
        "_links": {"up": [{"href": "https://x.example/wp-json/wc/v3/orders/7"}]},
    }


def read(stream, records, folder, connection):
    path = folder / "page.json"
    path.write_bytes(json.dumps(records, ensure_ascii=False).encode())
    unpacked = stream.unpack(path, "json", folder, connection)
    assert unpacked.refused is None, unpacked.refused
    return stream.canonical(unpacked, connection)


@QUICK
@given(
    rows=st.lists(
        st.tuples(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 9)), min_size=1, max_size=4), TEXT),
        min_size=1,
        max_size=8,
    )
)
def test_orders_and_their_lines_come_back_as_written(tmp_path, connect, rows):
    found = read(ORDERS, [order_record(n, *row) for n, row in enumerate(rows, 1)], tmp_path, connect("woocommerce"))
    assert () == found.quarantine
    totals = [Decimal(sum(price * quantity for price, quantity in lines)).scaleb(-2) for lines, _ in rows]
    assert totals == [Decimal(row["buyer_paid"]) for row in found.streams["orders"]]
    assert totals == [Decimal(row["goods_amount"]) for row in found.streams["orders"]]
    lines = found.streams["order_lines"]
    assert [title for prices, title in rows for _ in prices] == [line["title"] for line in lines]
    assert [euro(price) for prices, _ in rows for price, _ in prices] == [
        format(Decimal(line["unit_price"]).quantize(Decimal("0.01")), "f") for line in lines
    ]


@QUICK
@given(rows=st.lists(st.tuples(st.integers(0, 10**7), TEXT), min_size=1, max_size=8))
def test_refunds_come_back_as_written(tmp_path, connect, rows):
    found = read(REFUNDS, [refund_record(n, *row) for n, row in enumerate(rows, 1)], tmp_path, connect("woocommerce"))
    assert rows == [(int(Decimal(row["amount"]) * 100), row["reason"]) for row in found.streams["refunds"]]


def test_damaged_answers_are_refused_or_read_to_their_end(tmp_path, connect):
    def check(body, unpacked, canonical):
        if unpacked.refused is None:
            [name] = [name for name in ("orders", "refunds") if name in canonical.streams]
            document = json.loads(body.decode("utf-8-sig"))
            size = len(document) if isinstance(document, list) else 1
            assert size == len(canonical.streams[name]) + len(canonical.quarantine)

    orders = [json.dumps([order_record(1, [(100, 1)], "双十一"), order_record(2, [(5, 2)], "x")]).encode()]
    refunds = [json.dumps([refund_record(1, 100, "双十一"), refund_record(2, 7, "x")]).encode()]
    fuzz(ORDERS, orders, connect("woocommerce"), tmp_path, suffix="json", check=check, readers=2)
    fuzz(REFUNDS, refunds, connect("woocommerce"), tmp_path, suffix="json", check=check, readers=2)
