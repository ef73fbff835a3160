"""PayPal's published answers: what they hold, what they count, and which files are none."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from connectors.core.inspect import inspect_file
from tests.samples.conftest import SAMPLES

FOLDER = SAMPLES / "intl" / "paypal"
pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no samples below SAMPLES_DIR ({SAMPLES.parent})"),
]


def test_an_empty_answer_is_an_empty_day():
    found = inspect_file(FOLDER / "oca_api_04_list.json")
    assert ("paypal", "ok") == (found["source"], found["verdict"])
    assert {"payments": [], "fund_flows": []} == found["streams"]
    assert [("1234567890", 0, 0)] == [
        (one["account"], one["row_count"], one["stated_row_count"]) for one in found["statements"]
    ]


def test_an_answer_that_counts_one_and_holds_two_is_refused():
    found = inspect_file(FOLDER / "oca_api_05_list.json")
    assert ("paypal", "refused") == (found["source"], found["verdict"])
    assert "counts 1 transactions and holds 2" in found["reason"]


def test_the_same_answer_with_its_right_count_is_read(tmp_path):
    document = json.loads((FOLDER / "oca_api_05_list.json").read_text(encoding="utf-8"))
    path = tmp_path / "page.json"
    path.write_text(json.dumps(document | {"total_items": 2}), encoding="utf-8")
    found = inspect_file(path)
    assert "ok" == found["verdict"]
    assert [("in", "1000.00", "T1234"), ("out", "100.00", "T1234 fee")] * 2 == [
        (flow["direction"], flow["amount"], flow["business_type"]) for flow in found["streams"]["fund_flows"]
    ]
    assert [("USD", "2000.00", "200.00")] == [
        (one["currency"], one["in_sum"], one["out_sum"]) for one in found["statements"]
    ]


@pytest.mark.parametrize(
    "name",
    [
        "oca_api_01_error.json",
        "oca_api_02_error.json",
        "oca_api_03_balances.json",
        "oca_api_07_transaction_T1234.json",
        "reporting_transactions_v1.openapi.json",
    ],
)
def test_what_is_no_list_of_transactions_is_taken_for_none(name):
    assert inspect_file(FOLDER / name)["source"] is None


def test_the_activity_export_ties_on_every_row_and_in_every_currency():
    found = inspect_file(FOLDER / "oca_activity_en.csv")
    assert ("paypal", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    assert [("USD", 45, "0.00", "1.90"), ("EUR", 29, "0.00", "43.34"), ("AUD", 2, "0.00", "0.00")] == [
        (one["currency"], one["row_count"], one["opening_balance"], one["closing_balance"])
        for one in found["statements"]
    ]
    flows = found["streams"]["fund_flows"]
    for place, one in enumerate(found["statements"]):
        moved = sum(
            Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1)
            for flow in flows
            if flow["statement"] == place
        )
        assert Decimal(one["closing_balance"]) == moved == Decimal(one["in_sum"]) - Decimal(one["out_sum"])
    kinds = Counter(flow["business_type"] for flow in flows)
    assert (14, 26, 2) == (kinds["T0400"], len(found["streams"]["payments"]), kinds["T0007 sent"])
    assert "2015-12-29T15:45:51+00:00" == flows[0]["occurred_at"]
    assert len(flows) == len({flow["flow_no"] for flow in flows})
