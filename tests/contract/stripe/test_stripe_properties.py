"""Whatever Stripe's lists hold comes back exactly; damaged pages are refused or read to their end."""

import json
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.stripe import SOURCE
from tests.support import fuzz

BALANCE, PAYOUTS = SOURCE.streams
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CATEGORIES = st.sampled_from(["charge", "refund", "dispute", "payout", "双十一,\u2028 other"])
ROWS = st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(-999, 10**6), CATEGORIES), max_size=12)


def transaction(number, amount, fee, category):
    return {
        "id": f"txn_{number}",
        "object": "balance_transaction",
        "amount": amount,
        "fee": fee,
        "currency": "usd",
        "created": 1791518400 + number,
        "reporting_category": category,
        "source": {"id": f"src_{number}", "payment_intent": "pi_交易"},
    }


def page(records):
    return json.dumps({"object": "list", "data": records, "has_more": False}, ensure_ascii=False).encode()


def read(stream, body, folder, connection):
    path = folder / "page.json"
    path.write_bytes(body)
    unpacked = stream.unpack(path, "json", folder, connection, "page.json")
    assert unpacked.refused is None, unpacked.refused
    return stream.canonical(unpacked, connection)


@QUICK
@given(rows=ROWS)
def test_movements_and_fees_add_up_to_what_was_written(tmp_path, connect, rows):
    body = page([transaction(number, *row) for number, row in enumerate(rows)])
    found = read(BALANCE, body, tmp_path, connect("stripe"))
    assert () == found.quarantine
    signed = {"in": 1, "out": -1}
    flows = found.streams["fund_flows"]
    assert Decimal(sum(amount - fee for amount, fee, _ in rows)).scaleb(-2) == sum(
        (signed[flow["direction"]] * Decimal(flow["amount"]) for flow in flows), Decimal(0)
    )
    assert len(flows) == len({flow["flow_no"] for flow in flows})
    paid = [row for row in rows if row[2] in {"charge", "refund", "dispute"}]
    assert [Decimal(abs(amount)).scaleb(-2) for amount, _, _ in paid] == [
        Decimal(payment["amount"]) for payment in found.streams["payments"]
    ]
    assert [Decimal(fee).scaleb(-2) for _, fee, _ in paid] == [
        Decimal(payment["fee"]) for payment in found.streams["payments"]
    ]


@QUICK
@given(amounts=st.lists(st.integers(-(10**9), 10**12), max_size=8))
def test_payouts_come_back_as_written(tmp_path, connect, amounts):
    records = [
        {
            "id": f"po_{number}",
            "object": "payout",
            "amount": amount,
            "currency": "eur",
            "created": 1791518400,
            "arrival_date": 1791590400,
            "status": "paid",
            "trace_id": {"status": "supported", "value": f"T{number}"},
        }
        for number, amount in enumerate(amounts)
    ]
    found = read(PAYOUTS, page(records), tmp_path, connect("stripe")).streams["payouts"]
    assert [(f"po_{n}", Decimal(amount).scaleb(-2), f"T{n}") for n, amount in enumerate(amounts)] == [
        (row["payout_no"], Decimal(row["amount"]), row["bank_reference"]) for row in found
    ]


def test_damaged_pages_are_refused_or_read_to_their_end(tmp_path, connect):
    def check(body, unpacked, canonical):
        if unpacked.refused is None:
            size = len(json.loads(body.decode("utf-8-sig"))["data"])
            flows = {
                flow["flow_no"].removesuffix("/fee") for flow in canonical.streams["fund_flows"] if flow["flow_no"]
            }
            assert size <= len(canonical.streams["fund_flows"]) + len(canonical.quarantine)
            assert len(flows) <= size

    bodies = [page([transaction(1, 100, 3, "charge"), transaction(2, -5, 0, "refund")])]
    fuzz(BALANCE, bodies, connect("stripe"), tmp_path, suffix="json", check=check)
