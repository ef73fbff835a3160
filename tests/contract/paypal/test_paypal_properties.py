"""Whatever is written into an answer comes out again, to the cent and to the letter; damage is told."""

import json
from datetime import datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.paypal import SOURCE
from tests.support import fuzz

[TRANSACTIONS] = SOURCE.streams
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CENTS = st.integers(-(10**12), 10**12)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
CODES = st.sampled_from(["T0006", "T0003", "T1107", "T1106", "T1201", "T0400", "T0200", "T2103", "T9701"])
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2098, 12, 31))  # noqa: DTZ001 - written in UTC
ROWS = st.lists(st.tuples(CODES, CENTS, CENTS, WORDS, WORDS, MOMENTS), max_size=30)
KINDS = {"T1107": "refund", "T1106": "chargeback", "T1201": "chargeback"}


def euro(cents):
    return f"{Decimal(cents).scaleb(-2):.2f}"


def written(rows):
    details = [
        {
            "transaction_info": {
                "transaction_id": f"N{number}",
                "transaction_event_code": code,
                "transaction_initiation_date": f"{at:%Y-%m-%dT%H:%M:%S}+0000",
                "transaction_amount": {"currency_code": "EUR", "value": euro(gross)},
                "fee_amount": {"currency_code": "EUR", "value": euro(fee)},
                "transaction_status": "S",
                "invoice_id": invoice,
                "transaction_subject": subject,
            }
        }
        for number, (code, gross, fee, invoice, subject, at) in enumerate(rows)
    ]
    content = {"transaction_details": details, "account_number": "A", "total_items": len(rows), "total_pages": 1}
    return json.dumps(content, ensure_ascii=False).encode()


def kind(code, gross):
    if code in {"T0006", "T0003"}:
        return "payment" if gross >= 0 else None
    return KINDS.get(code) if gross < 0 else None


@RELAXED
@given(rows=ROWS)
def test_an_answer_is_read_back_as_written(tmp_path, connect, rows):
    path = tmp_path / "page.json"
    path.write_bytes(written(rows))
    account = connect("paypal")
    unpacked = TRANSACTIONS.unpack(path, "json", tmp_path, account)
    assert unpacked.refused is None
    found = TRANSACTIONS.canonical(unpacked, account)
    assert () == found.quarantine
    assert [
        (f"N{number}", kind(code, gross), euro(abs(gross)), euro(-fee).replace("-0.00", "0.00"), invoice or None)
        for number, (code, gross, fee, invoice, *_) in enumerate(rows)
        if kind(code, gross)
    ] == [
        (row["transaction_no"], row["type"], row["amount"], row["fee"], row["merchant_pay_no"])
        for row in found.streams["payments"]
    ]
    moved = sum(
        Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in found.streams["fund_flows"]
    )
    assert Decimal(sum(gross + fee for _, gross, fee, *_ in rows)).scaleb(-2) == moved
    parts = sum(max(1, bool(gross) + bool(fee)) for _, gross, fee, *_ in rows)
    assert parts == len(found.streams["fund_flows"])
    assert {subject or None for *_, subject, _ in rows} == {flow["remark"] for flow in found.streams["fund_flows"]}


def test_damaged_answers_are_refused_or_read_to_their_end(tmp_path, connect):
    paid = ("T0006", 4000, -175, "M,1", '"中文', datetime(2026, 10, 8))  # noqa: DTZ001 - written in UTC
    seeds = [written([]), written([paid])]

    def whole(body, unpacked, canonical):
        if unpacked.refused is None:
            rows = len(json.loads(body.decode("utf-8-sig"))["transaction_details"])
            assert rows == sum(statement.row_count for statement in unpacked.statements)
            moved = {flow["business_ref"] for flow in canonical.streams["fund_flows"]}
            still = any(mark in body for mark in (b'"P"', b'"D"'))
            assert still or rows == 0 or moved or canonical.quarantine

    assert fuzz(TRANSACTIONS, seeds, connect("paypal"), tmp_path, suffix="json", check=whole)
