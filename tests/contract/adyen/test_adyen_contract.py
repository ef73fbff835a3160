"""Adyen's report: columns by name, batches that close at zero, fees per row, carries, and what cannot be trusted."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.adyen import SOURCE
from connectors.adyen.streams import HEADINGS, OPTIONAL
from connectors.core.protocol import Connection
from connectors.sandbox.drops import DROPS
from connectors.sandbox.market import Market
from connectors.sandbox.world import World, WorldConfig
from tests.support import fuzz

[BATCHES] = SOURCE.streams
TITLES = [*HEADINGS, *OPTIONAL]
SHOP = Connection(
    name="adyen", source="adyen", base_url=None, credentials={}, path=None, timezone=None, currency="EUR", account=None,
    store=None,
)  # fmt: skip


def row(kind, net, *, gross=None, fee="", psp="", reference="", **more):
    side = "Credit" if not net.startswith("-") else "Debit"
    found = {"Merchant Account": "SHOP", "Type": kind, "Net Currency": "EUR", "Batch Number": "7", "Psp Reference": psp,
             "Modification Reference": reference, "Creation Date": "2026-10-08 10:00:00", "TimeZone": "CEST",
             f"Net {side} (NC)": net.lstrip("-"), "Commission (NC)": fee}  # fmt: skip
    if gross:
        found |= {"Gross Currency": "EUR", f"Gross {side} (GC)": gross}
    return found | more


PAID = [
    row("Settled", "39.70", gross="40.00", fee="0.30", psp="P1", reference="X1", **{"Merchant Reference": "M1"}),
    row("Refunded", "-10.20", gross="10.00", fee="0.20", psp="P1", reference="X2"),
    row("Fee", "-3.00", reference="Transaction Fees October 08 2026"),
    row("MerchantPayout", "-26.50", reference="TX9 batch 7, SHOP"),
]


def rendered(rows, titles=TITLES):
    out = io.StringIO()
    writer = csv.DictWriter(out, titles, lineterminator="\n")
    writer.writeheader()
    writer.writerows({title: found.get(title, "") for title in titles} for found in rows)
    return out.getvalue().encode()


def read(body, tmp_path):
    path = tmp_path / "settlement_detail_report_batch_7.csv"
    path.write_bytes(body)
    return BATCHES.unpack(path, "csv", tmp_path, SHOP, path.name)


@pytest.mark.parametrize("titles", [TITLES, TITLES[::-1], [*TITLES[9:], *TITLES[:9], "Reserved4"]])
def test_columns_are_found_by_name(tmp_path, titles):
    unpacked = read(rendered(PAID, titles), tmp_path)
    found = BATCHES.canonical(unpacked, SHOP).streams
    assert [("P1", "payment", "40.00", "0.30"), ("X2", "refund", "10.00", "0.20")] == [
        (p["transaction_no"], p["type"], p["amount"], p["fee"]) for p in found["payments"]
    ]
    assert ["in", "out", "out", "out"] == [flow["direction"] for flow in found["fund_flows"]]


def test_a_carry_is_no_movement(tmp_path):
    rows = [row("Balancetransfer", "5.00"), row("Balancetransfer", "-5.00")]
    unpacked = read(rendered(rows), tmp_path)
    assert [] == BATCHES.canonical(unpacked, SHOP).streams["fund_flows"]
    assert 2 == unpacked.statements[0].row_count


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (PAID[:-1], "batch 7 in EUR closes at 26.50"),
        (
            [row("Settled", "39.00", gross="40.00", fee="0.30", psp="P1"), row("MerchantPayout", "-39.00")],
            "gross less fees is 39.70",
        ),
        ([row("Fee", "1.2.3")], "no plain amount"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(tmp_path, rows, reason):
    assert reason in read(rendered(rows), tmp_path).refused


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"a,b\n1,2\n", "it lacks Merchant Account"),
        (rendered(PAID)[:-150] + b"\n1,2\n", "cells, too few|closes at"),
        (b"", "it lacks"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path, body, reason):
    assert any(part in read(body, tmp_path).refused for part in reason.split("|"))


def test_damaged_reports_are_refused_or_read_to_their_end(tmp_path):
    assert fuzz(BATCHES, [rendered(PAID), rendered([])], SHOP, tmp_path, suffix="csv") > 0


def test_every_movement_of_the_world_arrives(tmp_path):
    first = date(2026, 9, 10)
    config = WorldConfig(seed=7, first_day=first, folder=tmp_path / "keys", orders_per_day=100)
    market = Market(World(replace(config, has_market=True)))
    payments, flows = [], []
    for number in range(12):
        for path in DROPS["adyen"](market, tmp_path, first + timedelta(days=number)):
            unpacked = BATCHES.unpack(path, "csv", tmp_path, SHOP, path.name)
            assert unpacked.refused is None, unpacked.refused
            found = BATCHES.canonical(unpacked, SHOP).streams
            payments += found["payments"]
            flows += found["fund_flows"]
    last = market.rows("select max(initiated_at) from market.payouts where account = 'adyen_eu'")[0][0]
    known = market.records("select * from market.payments where account = 'adyen_eu' and happened_at <= ?", [last])
    assert sorted(
        (p["transaction_no"], Decimal(p["amount"]).scaleb(-2), Decimal(p["fee"]).scaleb(-2)) for p in known
    ) == sorted((p["transaction_no"], Decimal(p["amount"]), Decimal(p["fee"])) for p in payments)
    moved = market.rows("select sum(amount) from market.flows where account = 'adyen_eu' and occurred_at <= ?", [last])[
        0
    ][0]
    assert Decimal(moved).scaleb(-2) == sum(
        Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in flows
    )
