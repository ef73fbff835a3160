"""The heading of a ledger that others published; of its rows nothing is public."""

import pytest

from connectors.wechat_shop import SOURCE
from connectors.wechat_shop.layout import LEDGER_COLUMNS, LEDGER_HEADINGS

pytestmark = pytest.mark.samples
LEDGER = "china/wechat_channels/shop_ledger_11col_header.csv"


def test_the_published_heading_is_a_ledger_without_movements(inspected):
    found = inspected(LEDGER)
    assert ("wechat_shop", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [statement] = found["statements"]
    assert (0, "0.00", "0.00", None) == tuple(statement[key] for key in ("row_count", "in_sum", "out_sum", "day"))
    assert [] == found["streams"]["fund_flows"]


def test_every_published_heading_has_its_column(sample):
    headings = sample(LEDGER).read_text(encoding="utf-8-sig").strip().split(",")
    assert list(LEDGER_COLUMNS) == [LEDGER_HEADINGS[heading] for heading in headings]


def test_no_other_sample_is_taken_for_one_of_the_shops(sample):
    samples = sample(LEDGER).parents[2]
    claimed = {path.parent.name for path in samples.rglob("*") if path.is_file() and SOURCE.recognises(path)}
    assert {"wechat_channels"} == claimed
