"""Published REST records of Shopify: no files of ours, but what they show holds for the same records over GraphQL."""

import json
from decimal import Decimal

import pytest

from connectors.core.inspect import inspect_file
from connectors.core.registry import NAMES, source_named
from connectors.shopify.records import flow_rows, payout_contradiction

pytestmark = pytest.mark.samples
REST = (
    *("python_balance", "python_disputes", "python_fulfillment", "python_order", "python_orders", "python_payout"),
    *("python_payouts", "python_payouts_transactions", "python_refund", "python_shop", "python_tender_transactions"),
    *("python_transaction", "python_transactions"),
)


def graph_transaction(row):
    """A REST balance transaction as the GraphQL API writes it."""

    def money(name):
        return {"amount": row[name], "currencyCode": row["currency"]}

    kind = {"payout": "TRANSFER"}.get(row["type"], row["type"].upper())
    return {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{row['id']}",
        "type": kind,
        "transactionDate": row["processed_at"],
        "amount": money("amount"),
        "fee": money("fee"),
        "net": money("net"),
        "associatedPayout": {"id": f"gid://shopify/ShopifyPaymentsPayout/{row['payout_id']}"},
    }


@pytest.mark.parametrize("name", REST)
def test_rest_answers_are_no_file_of_this_source(sample, name):
    path = sample(f"intl/shopify/{name}.json")
    assert [] == [source for source in NAMES if source == "shopify" and source_named(source).recognises(path)]
    assert "refused" == inspect_file(path, "shopify")["verdict"]


def test_the_movements_of_the_published_payout_add_up_to_its_nets(sample, connection):
    rows = json.loads(sample("intl/shopify/python_payouts_transactions.json").read_bytes())["transactions"]
    assert 25 == len(rows)
    made = [flow for row in rows for flow in flow_rows(graph_transaction(row), connection)]
    signed = [Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in made]
    assert Decimal("39.48") == sum(Decimal(row["net"]) for row in rows) == sum(signed)
    assert {"-1.75"} == {row["net"] for row in rows if row["id"] == 758509248}
    assert [("758509248", "out", "1.75")] == [
        (flow["flow_no"], flow["direction"], flow["amount"]) for flow in made if flow["flow_no"].startswith("758509248")
    ]
    # the payout's own row is one of the rows, as a movement that carries the payout's number
    assert {"623721858"} == {flow["payout_no"] for flow in made if flow["business_type"] == "TRANSFER"}
    assert {None} == {flow["payout_no"] for flow in made if flow["business_type"] != "TRANSFER"}


def test_a_published_payout_is_the_sum_of_its_summary(sample):
    payouts = json.loads(sample("intl/shopify/python_payouts.json").read_bytes())["payouts"]
    names = {
        "charges": ("chargesGross", "chargesFee"),
        "refunds": ("refundsFeeGross", "refundsFee"),
        "adjustments": ("adjustmentsGross", "adjustmentsFee"),
        "reserved_funds": ("reservedFundsGross", "reservedFundsFee"),
        "retried_payouts": ("retriedPayoutsGross", "retriedPayoutsFee"),
    }
    found = []
    for payout in payouts:
        summary = {}
        for name, (gross, fee) in names.items():
            summary[gross] = {"amount": payout["summary"][f"{name}_gross_amount"]}
            summary[fee] = {"amount": payout["summary"][f"{name}_fee_amount"]}
        found.append(
            payout_contradiction({"id": payout["id"], "net": {"amount": payout["amount"]}, "summary": summary})
        )
    # the fixtures share one summary among several amounts: only those it belongs to tie
    ties = {payout["amount"] for payout, fault in zip(payouts, found, strict=True) if not fault}
    assert "41.90" in ties
    assert "payout 854088011 states 43.12, its summary adds up to 42.90" in found


@pytest.fixture
def connection():
    from pathlib import Path  # noqa: PLC0415 - only here
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only here

    from connectors.core.protocol import Connection  # noqa: PLC0415 - only here

    return Connection(
        name="shop",
        source="shopify",
        base_url=None,
        credentials={},
        path=Path(),
        timezone=ZoneInfo("Asia/Shanghai"),
        currency="USD",
        account=None,
        store=None,
    )
