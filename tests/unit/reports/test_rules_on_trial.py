"""Two files of published tables, one of them by other rules: what the comparison tells, and that it writes to neither."""

import hashlib
import json
from datetime import date
from decimal import Decimal

import duckdb
import openpyxl
import pytest

from orchestration.reports.trial import try_tables
from orchestration.reports.trial_files import write_trial

TABLES = """
    create schema marts;
    create table marts.matches (
        match_id varchar, level varchar, pass varchar, rule_id varchar, entity varchar, store varchar, account varchar,
        business_date date, currency varchar, left_amount decimal(18, 2), right_amount decimal(18, 2),
        difference decimal(18, 2), status varchar, explanation varchar);
    create table marts.match_legs (
        match_id varchar, side varchar, record_type varchar, record_key varchar, amount decimal(18, 2));
    create table marts.exceptions (
        exception_id varchar, code varchar, status varchar, level varchar, entity varchar, store varchar,
        account varchar, business_date date, currency varchar, amount decimal(18, 2), order_no varchar,
        left_key varchar, right_key varchar, explanation varchar);
    create table marts.fee_checks (
        record_key varchar, order_no varchar, fee_type varchar, base decimal(18, 2), expected decimal(18, 2),
        charged decimal(18, 2), difference decimal(18, 2), rule_id varchar);
    create table marts.daily_reconciliation (
        day date, entity varchar, store varchar, account varchar, control varchar, currency varchar,
        left_amount decimal(18, 2), right_amount decimal(18, 2), difference decimal(18, 2), status varchar);
    create table marts.decisions (
        decision_id varchar, exception_id varchar, action varchar, amount decimal(18, 2), currency varchar,
        maker varchar, checker varchar, state varchar);
"""
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)


def file_of(path, *, without=(), **rows):
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        for table in without:
            connection.execute(f"drop table marts.{table}")
        for table, lines in rows.items():
            for line in lines:
                columns = ", ".join(line)
                places = ", ".join("?" for _ in line)
                connection.execute(f"insert into marts.{table} ({columns}) values ({places})", list(line.values()))
    return path


def match(number, *, day=JUNE, difference="0.00", status="matched", by="P1"):
    return {
        "match_id": number, "level": "payout_bank", "pass": by, "entity": "HQ", "business_date": day,
        "currency": "CNY", "left_amount": "10.00", "right_amount": "10.00", "difference": difference, "status": status,
    }  # fmt: skip


def legs(number, left, right):
    return [
        {"match_id": number, "side": side, "record_type": kind, "record_key": key, "amount": "10.00"}
        for side, kind, key in (("left", "payout", left), ("right", "bank_line", right))
    ]


def open_item(number, code="E301", amount="10.00", day=JUNE):
    return {
        "exception_id": number, "code": code, "status": "open", "level": "payout_bank", "entity": "HQ",
        "business_date": day, "currency": "CNY", "amount": amount,
    }  # fmt: skip


@pytest.fixture
def both(tmp_path):
    before = file_of(
        tmp_path / "before.duckdb",
        matches=[match("kept"), match("swapped"), match("dropped", day=JULY)],
        match_legs=[*legs("kept", "p0", "b0"), *legs("swapped", "p1", "b1"), *legs("dropped", "p2", "b2")],
        exceptions=[open_item("x3"), open_item("x4"), open_item("x5")],
        decisions=[
            {"decision_id": "d1", "exception_id": "x3", "action": "accept_timing", "state": "effective"},
            {"decision_id": "d2", "exception_id": "x4", "action": "accept_timing", "state": "effective"},
            {"decision_id": "d3", "exception_id": "x4", "action": "accept_timing", "state": "proposed"},
            {"decision_id": "d4", "action": "rules", "state": "effective"},
        ],
        fee_checks=[{"record_key": "p0", "fee_type": "payment_fee", "expected": "0.60", "difference": "0.00"}],
    )
    after = file_of(
        tmp_path / "after.duckdb",
        matches=[match("kept"), match("other", by="P4"), match("fresh", difference="0.50", status="differs")],
        match_legs=[*legs("kept", "p0", "b0"), *legs("other", "p1", "b9"), *legs("fresh", "p3", "b3")],
        exceptions=[open_item("x4"), open_item("x5", code="E302", amount="12.00"), open_item("x2", day=JULY)],
        decisions=[
            {"decision_id": "d1", "exception_id": "x3", "action": "accept_timing", "state": "orphaned"},
            {"decision_id": "d2", "exception_id": "x4", "action": "accept_timing", "state": "effective"},
            {"decision_id": "d3", "exception_id": "x4", "action": "accept_timing", "state": "proposed"},
            {"decision_id": "d4", "action": "rules", "state": "effective"},
        ],
        fee_checks=[{"record_key": "p0", "fee_type": "payment_fee", "expected": "0.55", "difference": "0.05"}],
    )
    return before, after


def test_a_match_is_gained_where_both_records_were_open_and_moved_where_one_had_another_partner(both):
    trial = try_tables("match_rules", *both)
    assert {("fresh", "gained"), ("dropped", "lost"), ("swapped", "moved"), ("other", "moved")} == {
        (row["match_id"], row["change"]) for row in trial.matches
    }
    assert ({"level": "payout_bank", "gained": 1, "lost": 1, "moved": 2},) == trial.matches_by_level


def test_exceptions_are_told_by_code_and_one_of_another_code_counts_with_both(both):
    trial = try_tables("match_rules", *both)
    assert (
        {"code": "E301", "gained": 1, "lost": 2, "changed": 0},
        {"code": "E302", "gained": 1, "lost": 0, "changed": 0},
    ) == trial.exceptions_by_code


def test_money_is_summed_by_month_before_and_after(both):
    june, july = try_tables("match_rules", *both).money
    assert ("2026-06", Decimal("20.00"), Decimal("30.00")) == tuple(
        june[name] for name in ("period", "matched_amount_before", "matched_amount_after")
    )
    assert (Decimal("0.50"), Decimal("30.00"), Decimal("22.00")) == tuple(
        june[name] for name in ("difference_after", "exception_amount_before", "exception_amount_after")
    )
    assert (Decimal("10.00"), Decimal("0.00")) == (july["matched_amount_before"], july["matched_amount_after"])


def test_approved_decisions_that_would_not_hold_any_more_are_named(both):
    (row,) = try_tables("match_rules", *both).conflicts
    assert ("d1", "effective", "orphaned") == (row["decision_id"], row["state_before"], row["state_after"])


def test_charges_are_told_with_what_they_should_be_before_and_after(both):
    (row,) = try_tables("fee_rules", *both).fees
    assert (Decimal("0.60"), Decimal("0.55")) == (row["expected_before"], row["expected_after"])


def test_months_that_change_are_named_and_those_that_are_signed_marked(both):
    with duckdb.connect(str(both[0])) as connection:
        connection.execute(
            "create table marts.periods as select 'HQ' as entity, '2026-06' as period, 'h' as signed_hash"
        )
    june, july = try_tables("match_rules", *both).periods
    assert ("2026-06", True) == (june["period"], june["is_closed"])
    assert ("2026-07", False) == (july["period"], july["is_closed"])


def test_the_same_tables_change_nothing_and_one_that_nothing_feeds_is_empty(tmp_path, both):
    assert try_tables("owners", both[0], both[0]).changes_nothing
    bare = file_of(tmp_path / "bare.duckdb", without=("decisions", "fee_checks"))
    assert {"gained"} == {row["change"] for row in try_tables("owners", bare, both[1]).matches}


def test_neither_file_is_written_to(both):
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in both]
    try_tables("match_rules", *both)
    assert digests == [hashlib.sha256(path.read_bytes()).hexdigest() for path in both]


def test_everything_is_written_as_workbook_and_as_json_with_exact_amounts(both, tmp_path):
    trial = try_tables("match_rules", *both)
    said = json.loads(write_trial(trial, tmp_path / "trial.json").read_text(encoding="utf-8"))
    assert "0.50" == said["money"][0]["difference_after"]
    book = openpyxl.load_workbook(write_trial(trial, tmp_path / "trial.xlsx"))
    assert ["match_id", "swapped"] == [
        book["matches"].cell(1, 2).value,
        max(row[1].value for row in book["matches"].iter_rows(min_row=2)),
    ]


def test_a_control_of_no_shop_or_no_account_changes_only_where_it_does(tmp_path):
    def control(store, account, right):
        return {
            "day": JUNE, "entity": "HQ", "store": store, "account": account, "control": "C01", "currency": "CNY",
            "left_amount": "10.00", "right_amount": right, "difference": "0.00", "status": "balanced",
        }  # fmt: skip

    same = [control("shop", None, "10.00"), control(None, "wallet", "10.00")]
    before = file_of(tmp_path / "before.duckdb", daily_reconciliation=[*same, control("other", None, "10.00")])
    after = file_of(tmp_path / "after.duckdb", daily_reconciliation=[*same, control("other", None, "9.00")])
    (changed,) = try_tables("fee_rules", before, after).controls
    assert ("other", None, JUNE) == (changed["store"], changed["account"], changed["business_date"])
