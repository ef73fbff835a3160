"""A Taobao answer that others published, and the official field lists."""

import csv

import pytest

from connectors.taobao.fields import DETAILED, LISTED, REFUNDED

pytestmark = pytest.mark.samples


def test_a_real_trade_is_read_to_the_cent_with_its_id_unharmed(inspected):
    found = inspected("china/taobao/trade_fullinfo_get_2013.json")
    assert ("taobao", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [order], [line] = found["streams"]["orders"], found["streams"]["order_lines"]
    assert ("462503790690334", "completed", "108.00", "108.00", "0.00") == tuple(
        order[key] for key in ("order_no", "status", "goods_amount", "buyer_paid", "freight")
    )
    assert ("462503790690334", "108.00", "1") == (line["line_no"], line["line_amount"], line["quantity"])
    assert "2013-11-23T09:11:04+08:00" == order["paid_at"]


@pytest.mark.parametrize(
    ("name", "prefix", "asked"),
    [
        ("taobao_trade_fullinfo_get.csv", "trade.", DETAILED),
        ("taobao_trades_sold_get.csv", "trades.", LISTED),
        ("taobao_refunds_receive_get.csv", "refunds.", REFUNDED),
    ],
)
def test_every_field_that_is_asked_for_exists(sample, name, prefix, asked):
    with sample(f"china/taobao/fields/{name}").open(encoding="utf-8", newline="") as text:
        official = {row["path"].removeprefix(prefix) for row in csv.DictReader(text) if row["direction"] == "response"}
    assert set() == set(asked.split(",")) - official
