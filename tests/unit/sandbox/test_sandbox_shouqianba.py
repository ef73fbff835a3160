"""The sandbox's Shouqianba refuses what the gateway refuses, and answers in the shape of the official sample."""

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import pytest

from connectors.sandbox.drops import DROPS

URL = "http://sandbox.test/shouqianba/upay/v2/query"
SAMPLE = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples/china/shouqianba/pay_response_2017.json"
DAY = date(2026, 9, 28)


@pytest.fixture
def ask(merchant):
    def asked(*, key=None, terminal=None, url=URL, body=None, **question):
        keys = merchant.keys
        sn = terminal or keys["SHOUQIANBA_TERMINAL_SN"]
        sent = body if body is not None else json.dumps({"terminal_sn": sn, **question}).encode()
        text = sent + (key or keys["SHOUQIANBA_TERMINAL_KEY"]).encode()
        sign = hashlib.md5(text).hexdigest()  # noqa: S324 - the gateway's scheme
        return merchant.session.post(url, data=sent, headers={"Authorization": f"{sn} {sign}"}).json()

    return asked


@pytest.fixture
def paid(merchant):
    """A payment without a refund, and one with."""
    merchant.sandbox.market.ensure(DAY)
    rows = merchant.sandbox.market.records(
        "select payments.*, refunds.amount as returned, refunds.happened_at as returned_at from market.payments"
        " left join market.payments as refunds on refunds.original_no = payments.transaction_no and refunds.type = 'refund'"
        " where payments.account = 'shouqianba_main' and payments.type = 'payment' and payments.day <= ?"
        " order by payments.happened_at",
        [DAY],
    )
    return next(row for row in rows if not row["returned"]), next(row for row in rows if row["returned"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"key": "other"}, "ILLEGAL_SIGN"),
        ({"terminal": "1"}, "INVALID_TERMINAL"),
        ({"body": b"{"}, "INVALID_PARAMS"),
        ({"body": b"[]"}, "INVALID_PARAMS"),
        ({"body": b'{"terminal_sn":"1","client_sn":"T1"}'}, "INVALID_PARAMS"),
        ({"client_sn": ""}, "INVALID_PARAMS"),
        ({"client_sn": "x" * 65}, "INVALID_PARAMS"),
        ({"client_sn": 5}, "INVALID_PARAMS"),
        ({"url": URL.replace("query", "refund")}, "INVALID_PARAMS"),
    ],
)
def test_a_call_that_is_not_as_documented_is_refused(ask, changed, code):
    answer = ask(**({"client_sn": "T1"} | changed))
    assert ("400", code) == (answer["result_code"], answer["error_code"])


def test_a_number_nobody_knows_is_no_error_of_the_call(ask):
    answer = ask(client_sn="T0")
    assert ("200", "FAIL", "UPAY_ORDER_NOT_EXISTS") == (
        answer["result_code"],
        answer["biz_response"]["result_code"],
        answer["biz_response"]["error_code"],
    )


def test_both_numbers_lead_to_the_same_payment(ask, paid):
    row, _ = paid
    by_theirs, by_ours = ask(sn=row["transaction_no"]), ask(client_sn=row["pay_no"])
    assert by_theirs == by_ours
    assert (row["transaction_no"], str(row["amount"]), "PAID") == tuple(
        by_ours["biz_response"]["data"][name] for name in ("sn", "total_amount", "order_status")
    )


def test_a_refund_lowers_what_is_left_once_it_has_happened(ask, paid, merchant):
    _, row = paid
    data = ask(client_sn=row["pay_no"])["biz_response"]["data"]
    assert str(row["amount"] - row["returned"]) == data["net_amount"]
    assert data["order_status"] in {"REFUNDED", "PARTIAL_REFUNDED"}
    merchant.at(f"{row['happened_at'].isoformat()}+08:00")
    data = ask(client_sn=row["pay_no"])["biz_response"]["data"]
    assert (str(row["amount"]), "PAID") == (data["net_amount"], data["order_status"])


def test_the_answer_has_the_fields_of_the_official_sample(ask, paid):
    if not SAMPLE.exists():
        pytest.skip(f"the sample is not at {SAMPLE}")
    real = json.loads(SAMPLE.read_text(encoding="utf-8"))
    answer = ask(client_sn=paid[0]["pay_no"])
    assert set(real) == set(answer)
    assert set(real["biz_response"]) == set(answer["biz_response"])
    expected, data = real["biz_response"]["data"], answer["biz_response"]["data"]
    assert {name: type(value) for name, value in expected.items()} == {
        name: type(value) for name, value in data.items()
    }


def test_the_daily_file_has_28_values_a_row(merchant, tmp_path):
    [path] = DROPS["shouqianba"](merchant.sandbox.market, tmp_path, DAY)
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    assert {28} == {len(row) for row in rows}
    assert all(row[2].startswith("20260928") for row in rows)
    assert len(rows) > 10
