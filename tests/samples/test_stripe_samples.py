"""Stripe's published resources, and rows others published, as pages of its lists: gross less fee is net."""

import csv
import json
from decimal import Decimal

import pytest

from connectors.core.inspect import inspect_file

pytestmark = pytest.mark.samples
SIGN = {"in": 1, "out": -1}


@pytest.fixture
def as_page(tmp_path):
    def read(records):
        path = tmp_path / "page.json"
        path.write_bytes(json.dumps({"object": "list", "data": records, "has_more": False}).encode())
        return inspect_file(path)

    return read


def test_the_published_balance_transaction_is_read(sample, as_page):
    found = as_page([json.loads(sample("intl/stripe/balance_transaction.json").read_bytes())])
    assert ("stripe", "ok") == (found["source"], found["verdict"])
    [flow] = found["streams"]["fund_flows"]
    assert ("txn_1PgaxNB7WZ01zgkWEV3TLf40", "in", "1.00", "USD", "charge", "ch_1PgafuB7WZ01zgkWXYmPNZs8") == tuple(
        flow[name] for name in ("flow_no", "direction", "amount", "currency", "business_type", "business_ref")
    )
    assert ["1.00"] == [payment["amount"] for payment in found["streams"]["payments"]]


def test_the_published_payout_is_read(sample, as_page):
    found = as_page([json.loads(sample("intl/stripe/payout.json").read_bytes())])
    [payout] = found["streams"]["payouts"]
    assert ("po_1Pgc79B7WZ01zgkWu1KToYf4", "11.00", "USD", "in_transit", None) == tuple(
        payout[name] for name in ("payout_no", "amount", "currency", "status", "bank_reference")
    )


def test_published_rows_add_up_to_their_nets(sample, as_page):
    with sample("intl/stripe/fivetran_balance_transaction_data.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    records = [
        {
            "id": row["id"],
            "object": "balance_transaction",
            "amount": int(row["amount"]),
            "fee": int(row["fee"]),
            "currency": row["currency"],
            "created": 1611594000,
            "type": row["type"],
            "source": row["source"],
        }
        for row in rows
    ]
    flows = as_page(records)["streams"]["fund_flows"]
    signed = sum(SIGN[flow["direction"]] * Decimal(flow["amount"]) for flow in flows)
    assert Decimal(sum(int(row["net"]) for row in rows)).scaleb(-2) == signed
    assert len({row["id"] for row in rows}) == len({flow["flow_no"].removesuffix("/fee") for flow in flows})


@pytest.mark.parametrize("name", ["charge", "refund", "dispute", "balance", "fixtures3"])
def test_single_resources_are_no_list(sample, name):
    assert "refused" == inspect_file(sample(f"intl/stripe/{name}.json"), "stripe")["verdict"]
