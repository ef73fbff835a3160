"""A page of transactions: what is refused whole, which field carries the shop's number, and what has moved."""

from dataclasses import replace

import pytest

from connectors.paypal import SOURCE
from tests.contract.paypal.writer import answer, record

[TRANSACTIONS] = SOURCE.streams


@pytest.fixture
def account(connect):
    return connect("paypal")


def read(body, tmp_path, account):
    path = tmp_path / "page.json"
    path.write_bytes(body)
    return TRANSACTIONS.unpack(path, "json", tmp_path, account)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "no JSON"),
        (b"", "no JSON"),
        (b"[]", "no answer of PayPal"),
        (b'{"transaction_details":{}}', "no answer of PayPal"),
        (answer(["x"]), "record 1 has no transaction_info"),
        (answer([{"transaction_info": {}}]), "record 1 has no transaction_no"),
        (answer([record(1, amount="")]), "record 1 has no gross"),
        (answer([record(1), record(2, amount="1e3")]), "record 2: gross is '1e3'"),
        (answer([record(1, fee="1,00")]), "fee is '1,00'"),
        (answer([record(1, fee_amount={"currency_code": "USD", "value": "-1.00"})]), "another currency"),
        (answer([record(1)], total=2), "counts 2 transactions and holds 1"),
    ],
)
def test_a_page_that_cannot_be_trusted_is_refused_whole(tmp_path, account, body, reason):
    unpacked = read(body, tmp_path, account)
    assert () == unpacked.parts
    assert reason in unpacked.refused


def test_a_page_of_several_says_nothing_about_its_own_count(tmp_path, account):
    unpacked = read(answer([record(1)], page=3, total=1001), tmp_path, account)
    assert unpacked.refused is None
    assert (1, None) == (unpacked.statements[0].row_count, unpacked.statements[0].stated_row_count)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("M1", "C1")),
        ({"pay_no_field": "custom_field", "refund_no_field": "invoice_id"}, ("C1", "M1")),
        ({"pay_no_field": "transaction_id", "refund_no_field": "transaction_id"}, ("1", "1")),
    ],
)
def test_the_field_with_the_shops_number_is_an_option(tmp_path, account, options, expected):
    account = replace(account, options=options)
    unpacked = read(answer([record(1, "T1107", "-40.00", custom_field="C1")]), tmp_path, account)
    [refund] = TRANSACTIONS.canonical(unpacked, account).streams["payments"]
    assert expected == (refund["merchant_pay_no"], refund["merchant_refund_no"])


def test_an_option_that_names_no_such_field_is_refused(tmp_path, account):
    unpacked = read(answer([record(1)]), tmp_path, replace(account, options={"pay_no_field": "note"}))
    assert "allowed are invoice_id, custom_field, transaction_id" in unpacked.refused


def test_a_conversion_is_a_movement_in_each_currency(tmp_path, account):
    rows = [
        record("C1", "T0200", "-78.02", ""),
        record("C1", "T0200", "100.00", "", transaction_amount={"currency_code": "AUD", "value": "100.00"}),
    ]
    unpacked = read(answer(rows), tmp_path, account)
    flows = TRANSACTIONS.canonical(unpacked, account).streams["fund_flows"]
    assert [("out", "78.02", "EUR", 0), ("in", "100.00", "AUD", 1)] == [
        (flow["direction"], flow["amount"], flow["currency"], flow["statement"]) for flow in flows
    ]
    assert 2 == len({flow["flow_no"] for flow in flows})
    assert [("0.00", "78.02"), ("100.00", "0.00")] == [(one.in_sum, one.out_sum) for one in unpacked.statements]


@pytest.mark.parametrize(("status", "count"), [("S", 1), ("P", 1), ("D", 0)])
def test_a_withdrawal_has_left_though_it_is_pending(tmp_path, account, status, count):
    withdrawal = record(1, "T0400", "-9.00", "", transaction_status=status, bank_reference_id="B7")
    flows = TRANSACTIONS.canonical(read(answer([withdrawal]), tmp_path, account), account).streams["fund_flows"]
    assert [("out", "9.00", "B7")] * count == [(flow["direction"], flow["amount"], flow["payout_no"]) for flow in flows]


@pytest.mark.parametrize(("status", "count"), [("S", 2), ("V", 2), ("F", 2), ("P", 0), ("D", 0), ("Q", 2)])
def test_only_what_is_done_or_unknown_has_moved(tmp_path, account, status, count):
    unpacked = read(answer([record(1, transaction_status=status)]), tmp_path, account)
    found = TRANSACTIONS.canonical(unpacked, account).streams
    assert (1, count) == (len(found["payments"]), len(found["fund_flows"]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-10-08T09:00:00+0200", "2026-10-08T07:00:00+00:00"),
        ("2026-10-08T09:00:00Z", "2026-10-08T09:00:00+00:00"),
        ("2026-10-08T09:00:00", "2026-10-08T09:00:00"),
        ("0001-01-01T00:00:00+1400", "0001-01-01T00:00:00+1400"),
        ("someday", "someday"),
    ],
)
def test_a_moment_is_told_in_utc_and_what_is_none_stays_as_it_came(tmp_path, account, given, expected):
    unpacked = read(answer([record(1, transaction_initiation_date=given)]), tmp_path, account)
    [payment] = TRANSACTIONS.canonical(unpacked, account).streams["payments"]
    assert expected == payment["occurred_at"]
