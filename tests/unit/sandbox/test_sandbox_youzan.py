"""The sandbox's Youzan ledger has the published heading and closes; the shop's orders lie beside it as spreadsheets."""

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.sandbox.drops import DROPS

SAMPLE = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples/china/youzan/ledger_20col_header.csv"
DAY = date(2026, 9, 28)


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def test_the_ledger_has_the_published_heading(merchant, tmp_path):
    if not SAMPLE.exists():
        pytest.skip(f"the sample is not at {SAMPLE}")
    [path] = DROPS["youzan"](merchant.sandbox.market, tmp_path, DAY)
    published = SAMPLE.read_text(encoding="utf-8-sig").strip()
    assert published == path.read_text(encoding="utf-8-sig").splitlines()[0]


def test_each_balance_is_the_one_before_and_the_movement(merchant, tmp_path):
    [path] = DROPS["youzan"](merchant.sandbox.market, tmp_path, DAY)
    rows = rows_of(path)[::-1]
    assert len(rows) > 20
    balances = [Decimal(row["余额(元)"]) for row in rows]
    moved = [Decimal(row["收入(元)"] or "0") - Decimal(row["支出(元)"] or "0") for row in rows]
    assert balances[1:] == [before + move for before, move in zip(balances, moved[1:], strict=False)]


def test_a_fee_repeats_the_number_of_its_payment(merchant, tmp_path):
    [path] = DROPS["youzan"](merchant.sandbox.market, tmp_path, DAY)
    rows = rows_of(path)
    paid = {row["支付流水号"]: Decimal(row["收入(元)"]) for row in rows if row["类型"] == "订单入账"}
    fees = {row["支付流水号"]: Decimal(row["支出(元)"]) for row in rows if row["类型"] == "交易手续费"}
    assert set(paid) == set(fees)
    assert all(abs(fees[number] - amount * Decimal("0.006")) <= Decimal("0.005") for number, amount in paid.items())


def test_the_orders_are_those_of_this_shop_alone(merchant, tmp_path):
    paths = DROPS["youzan_orders"](merchant.sandbox.market, tmp_path, DAY)
    assert ["orders", "order_lines", "refunds", "shipments", "returns"] == [
        path.name.rsplit("_", 1)[0] for path in paths
    ]
    for path in paths:
        assert {("own_site", "youzan_shop")} >= {(row["platform"], row["store"]) for row in rows_of(path)}
    assert len(rows_of(paths[0])) > 20
    tills = DROPS["market_files"](merchant.sandbox.market, tmp_path, DAY)
    assert {"pos_shop", "phone_shop"} == {row["store"] for row in rows_of(tills[0])}
