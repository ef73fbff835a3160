"""The activity export: columns by name, dates that say their order or do not, balances that must follow."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.paypal import SOURCE
from tests.support import fuzz

[TRANSACTIONS] = SOURCE.streams
TITLES = [
    "Date", "Time", "TimeZone", "Name", "Type", "Status", "Currency", "Gross", "Fee", "Net", "Transaction ID",
    "Reference Txn ID", "Invoice Number", "Custom Number", "Balance", "Subject",
]  # fmt: skip
PAID = {"Type": "Website Payment", "Gross": "1,653.75", "Fee": "-73.07", "Invoice Number": "M1"}
GONE = {"Type": "General Withdrawal", "Status": "Pending", "Gross": "-580.68"}
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CENTS = st.integers(-(10**10), 10**10)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
TYPES = st.sampled_from(["Website Payment", "General Payment", "Payment Refund", "General Withdrawal", "Payment Hold"])


def euro(value):
    return f"{value:,.2f}"


def number(text):
    return Decimal(text.replace(",", ""))


def rendered(rows, titles=TITLES):
    """The export of the rows, with net and balance as they follow."""
    out, balance = io.StringIO(), {}
    writer = csv.DictWriter(out, titles, extrasaction="ignore", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for place, row in enumerate(rows):
        whole = dict.fromkeys(TITLES, "") | {
            "Date": "29/12/2015", "Time": "07:45:51", "TimeZone": "PST", "Status": "Completed", "Currency": "EUR",
            "Fee": "0.00", "Transaction ID": f"T{place}",
        } | row  # fmt: skip
        net = number(whole["Gross"]) + number(whole["Fee"])
        balance[whole["Currency"]] = balance.get(whole["Currency"], 0) + net
        stated = {"Net": euro(net), "Balance": euro(balance[whole["Currency"]])}
        writer.writerow(whole | stated | {key: row[key] for key in stated if key in row})
    return out.getvalue().encode()


@pytest.fixture
def read(connect, tmp_path):
    def unpacked(body, **options):
        path = tmp_path / "activity.csv"
        path.write_bytes(body)
        account = replace(connect("paypal"), options=options)
        found = TRANSACTIONS.unpack(path, "csv", tmp_path, account, path.name)
        return found, None if found.refused else TRANSACTIONS.canonical(found, account).streams

    return unpacked


@pytest.mark.parametrize("titles", [TITLES, TITLES[::-1], [*TITLES, "Country"]])
def test_columns_are_found_by_name(read, titles, tmp_path):
    unpacked, found = read(rendered([PAID, GONE], titles))
    assert SOURCE.recognises(tmp_path / "activity.csv")
    assert [("T0", "payment", "1653.75", "73.07", "M1", "2015-12-29T15:45:51+00:00")] == [
        (p["transaction_no"], p["type"], p["amount"], p["fee"], p["merchant_pay_no"], p["succeeded_at"])
        for p in found["payments"]
    ]
    assert [("T0007", "in"), ("T0007 fee", "out"), ("T0400", "out")] == [
        (flow["business_type"], flow["direction"]) for flow in found["fund_flows"]
    ]
    [statement] = unpacked.statements
    assert ("0.00", "1000.00", 2) == (statement.opening_balance, statement.closing_balance, statement.row_count)


def test_the_newest_row_may_come_first(read):
    lines = rendered([PAID, GONE, PAID]).splitlines(keepends=True)
    unpacked, _ = read(b"".join([lines[0], *lines[:0:-1]]))
    assert "2580.68" == unpacked.statements[0].closing_balance


@pytest.mark.parametrize(
    ("changed", "options", "expected"),
    [
        ({"Date": "29/12/2015"}, {}, "2015-12-29"),
        ({"Date": "12/29/2015"}, {}, "2015-12-29"),
        ({"Date": "05/12/2015"}, {"date_format": "%d/%m/%Y"}, "2015-12-05"),
        ({"Date": "05/12/2015"}, {"date_format": "%m/%d/%Y"}, "2015-05-12"),
        ({"TimeZone": "Europe/Madrid"}, {}, "2015-12-29T06:45:51+00:00"),
    ],
)
def test_the_files_dates_say_their_order_or_the_settings_do(read, changed, options, expected):
    _, found = read(rendered([PAID | changed]), **options)
    assert found["payments"][0]["occurred_at"].startswith(expected)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([PAID | {"Date": "05/12/2015"}], "set option date_format"),
        ([PAID | {"Date": "2015-12-29"}], "neither d/m/y nor m/d/y"),
        ([PAID | {"TimeZone": "MARS"}], "no time in a known zone"),
        ([PAID | {"TimeZone": "../etc"}], "no time in a known zone"),
        ([PAID | {"Net": "1.00"}], "gross and fee make 1580.68"),
        ([PAID, GONE | {"Balance": "999.99"}], "its balances in EUR do not follow"),
        ([PAID | {"Balance": "1.580,68"}], "no amount such as"),
        ([PAID | {"Transaction ID": ""}], "lacks its Transaction ID"),
    ],
)
def test_an_export_that_cannot_be_trusted_is_refused_whole(read, rows, reason):
    unpacked, _ = read(rendered(rows))
    assert () == unpacked.parts
    assert reason in unpacked.refused


def test_rows_that_move_nothing_are_refused_by_name(read):
    body = rendered([PAID]).replace(b'"Subject"', b'"Balance Impact"').replace(b'"1,580.68",""', b'"1,580.68","Memo"')
    assert "moves nothing (Memo)" in read(body)[0].refused


def test_an_export_cut_inside_a_row_is_refused(read):
    assert "too few" in read(rendered([PAID])[:-60])[0].refused


@RELAXED
@given(rows=st.lists(st.tuples(TYPES, CENTS, CENTS, WORDS, WORDS, st.integers(0, 10**8)), max_size=20))
def test_an_export_is_read_back_as_written(read, rows):
    start = datetime(2020, 1, 13, tzinfo=UTC)
    moments = [start + timedelta(seconds=seconds) for *_, seconds in rows]
    body = rendered([
        {
            "Type": word, "Gross": euro(Decimal(gross).scaleb(-2)), "Fee": euro(Decimal(fee).scaleb(-2)),
            "Invoice Number": invoice, "Subject": subject, "TimeZone": "GMT",
            "Date": f"{moment:%d/%m/%Y}", "Time": f"{moment:%H:%M:%S}",
        }
        for (word, gross, fee, invoice, subject, _), moment in zip(rows, moments, strict=True)
    ])  # fmt: skip
    unpacked, found = read(body, date_format="%d/%m/%Y")
    assert unpacked.refused is None, unpacked.refused
    flows = found["fund_flows"]
    total = Decimal(sum(gross + fee for _, gross, fee, *_ in rows)).scaleb(-2)
    assert total == sum(Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in flows)
    assert sum(max(1, bool(gross) + bool(fee)) for _, gross, fee, *_ in rows) == len(flows)
    assert {(invoice or None, subject or None) for *_, invoice, subject, _ in rows} == {
        (flow["merchant_pay_no"], flow["remark"]) for flow in flows
    }
    assert {moment.isoformat() for moment in moments} == {flow["occurred_at"] for flow in flows}


def test_damaged_exports_are_refused_or_read_to_their_end(tmp_path, connect):
    assert fuzz(TRANSACTIONS, [rendered([PAID, GONE]), rendered([])], connect("paypal"), tmp_path, suffix="csv")
