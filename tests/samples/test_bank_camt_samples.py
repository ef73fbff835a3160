"""camt files of five projects against facts that an independent reader noted for each."""

import csv
import os
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.samples
SAMPLES = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples"
FACTS = SAMPLES / "intl" / "bank_file_facts.csv"
# Excerpts whose own summary, unlike their balances, counts entries that were cut out.
CUT = {"camt/viafintech_053_valid_example_with_datetime.xml"}


def facts():
    if not FACTS.exists():
        return []
    with FACTS.open(encoding="utf-8", newline="") as text:
        return [row for row in csv.DictReader(text) if row["file"].startswith("camt/")]


@pytest.mark.parametrize("row", facts(), ids=lambda row: row["file"].removeprefix("camt/"))
def test_entries_sums_and_balances_equal_what_another_reader_found(inspected, row):
    found = inspected(f"intl/{row['file']}")
    [statement] = found["statements"]
    not_booked = int(row["not_booked_or_unreadable"])
    assert "bank_camt" == found["source"]
    assert row["account"] == statement["account"]
    assert int(row["entries"]) - not_booked == statement["row_count"]
    for ours, theirs in (("opening_balance", row["opening"]), ("closing_balance", row["closing"])):
        assert (Decimal(theirs) if theirs else None) == (Decimal(statement[ours]) if statement[ours] else None)
    if not not_booked:
        assert Decimal(row["signed_sum"]) == Decimal(statement["in_sum"]) - Decimal(statement["out_sum"])


@pytest.mark.parametrize("row", facts(), ids=lambda row: row["file"].removeprefix("camt/"))
def test_only_statements_that_tie_are_taken_and_never_by_half(inspected, row):
    found = inspected(f"intl/{row['file']}")
    is_statement = row["format"].startswith("camt.053")
    ties = row["opening_plus_sum_is_closing"] != "no" and row["file"] not in CUT
    assert ("ok" if is_statement and ties else "refused") == found["verdict"]
    lines = found["streams"].get("bank_lines", [])
    if found["verdict"] == "ok":
        assert found["statements"][0]["row_count"] == len(lines)
    else:
        assert [] == lines
        assert ("deviation" if is_statement else "allowed is camt.053") in found["reason"]


def test_there_is_something_to_read():
    if not FACTS.exists():
        pytest.skip(f"{FACTS.name} is not below SAMPLES_DIR ({SAMPLES.parent})")
    assert facts()
