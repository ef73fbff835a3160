"""Records as the rows of their streams: all of them, or a reject that says which column is to blame."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connectors.core.canonical import Unusable, collected, unstated
from connectors.core.protocol import Connection, Part, Reject, Unpacked

REQUIRED = {"orders": ("order_no", "amount"), "order_lines": ("sku",), "discounts": ()}
NOT_READ = "is empty or not readable as what it should be"


def part(folder, kind, text, table="orders", **more):
    path = folder / f"{table}.{kind}"
    path.write_text(text, encoding="utf-8")
    return Part(table, kind, path, columns=("order_no", "amount"), **({"first_row": 1} | more))


def made(record):
    if record.get("amount") == "left out":
        return {}
    return {"orders": [dict(record)], "order_lines": [{"sku": sku} for sku in record.get("skus", "")]}


def test_every_stream_is_there_and_keeps_the_order_of_the_records(tmp_path):
    text = '[{"order_no":"2","amount":1.10,"skus":["b","a"]},{"order_no":"1","amount":"0","skus":["c"]}]'
    found = collected(Unpacked((part(tmp_path, "json", text),)), made, REQUIRED)
    assert [("2", Decimal("1.10")), ("1", "0")] == [(row["order_no"], row["amount"]) for row in found.streams["orders"]]
    assert [{"sku": "b"}, {"sku": "a"}, {"sku": "c"}] == found.streams["order_lines"]
    assert [] == found.streams["discounts"]
    assert () == found.quarantine


def test_a_stream_without_a_record_is_not_there_where_only_seen_ones_are_wanted(tmp_path):
    text = '[{"order_no":"","skus":["a"]},{"order_no":"1","amount":"2"}]'
    found = collected(Unpacked((part(tmp_path, "json", text),)), made, REQUIRED, seen_only=True)
    assert {"orders": [{"order_no": "1", "amount": "2"}], "order_lines": []} == found.streams
    assert {} == collected(Unpacked(), made, REQUIRED, seen_only=True).streams


def test_a_record_that_is_made_into_nothing_is_left_out_without_a_word(tmp_path):
    found = collected(Unpacked((part(tmp_path, "json", '{"amount":"left out"}'),)), made, REQUIRED)
    assert ({"orders": [], "order_lines": [], "discounts": []}, ()) == (found.streams, found.quarantine)


@pytest.mark.parametrize(
    ("record", "column"),
    [
        ('{"order_no":"","amount":null}', "order_no"),
        ('{"order_no":"1"}', "amount"),
        ('{"order_no":"1","amount":"1","skus":["a",""]}', "sku"),
    ],
)
def test_one_row_without_a_required_column_rejects_its_whole_record(tmp_path, record, column):
    text = f'[{record},{{"order_no":"9","amount":"1"}}]'
    found = collected(Unpacked((part(tmp_path, "json", text),)), made, REQUIRED)
    assert (Reject(1, column, f"{column} {NOT_READ}"),) == found.quarantine
    assert ["9"] == [row["order_no"] for row in found.streams["orders"]]
    assert [] == found.streams["order_lines"]


@pytest.mark.parametrize("error", [ValueError, TypeError, AttributeError, ZeroDivisionError, KeyError, OSError])
def test_a_record_that_cannot_be_read_is_one_reject(tmp_path, error):
    def broken(record):
        raise error

    found = collected(Unpacked((part(tmp_path, "json", "[{},{}]"),)), broken, REQUIRED)
    assert [(1, "record"), (2, "record")] == [(reject.row, reject.column) for reject in found.quarantine]


def test_a_source_may_say_itself_why_a_record_is_of_no_use(tmp_path):
    def judged(record):
        raise Unusable("amount", record["why"])

    found = collected(Unpacked((part(tmp_path, "json", '[{"why":"is blue"},{"why":""}]'),)), judged, REQUIRED)
    assert (Reject(1, "amount", "is blue"), Reject(2, "amount", f"amount {NOT_READ}")) == found.quarantine


def test_rows_are_counted_as_the_source_counts_them(tmp_path):
    csv = part(tmp_path, "csv", "no,amount\n1,5\n2,\n", first_row=7)
    lined = part(tmp_path, "csv", "no,amount\n,5\n", "lined", line_column="amount")
    lines = part(tmp_path, "json", '{"order_no":"3"}\n\n{"order_no":"4"}\n', "lines", first_row=3, lines=True)
    found = collected(Unpacked((csv, lined, lines)), made, REQUIRED)
    assert [8, 5, 3, 4] == [reject.row for reject in found.quarantine]
    assert [{"order_no": "1", "amount": "5"}] == found.streams["orders"]


def test_each_raw_table_may_have_a_reader_of_its_own(tmp_path):
    parts = [part(tmp_path, "json", '{"order_no":"1","amount":"2"}', table) for table in ("orders", "notes", "cuts")]
    readers = {"orders": made, "cuts": lambda record: {"discounts": [{"amount": record["amount"]}]}}
    found = collected(Unpacked(tuple(parts)), readers, REQUIRED)
    assert [1, 0, 1] == [len(rows) for rows in found.streams.values()]
    assert () == found.quarantine


def test_what_a_row_belongs_to_is_one_for_all_or_told_by_the_record(tmp_path):
    unpacked = Unpacked((part(tmp_path, "csv", "no,amount\n1,5\n2,6\n"),))
    [first, second] = collected(unpacked, made, REQUIRED, {"statement": 0}).streams["orders"]
    assert (0, 0) == (first["statement"], second["statement"])

    def belonging(part, record):
        return {"account": f"{part.table} {record['order_no']}", "statement": {"1": 4}[record["order_no"]]}

    found = collected(unpacked, made, REQUIRED, belonging)
    assert [("orders 1", 4)] == [(row["account"], row["statement"]) for row in found.streams["orders"]]
    assert ["record"] == [reject.column for reject in found.quarantine]


def test_an_answer_is_no_statement_and_has_the_currency_of_its_shop_unless_it_says_another():
    shop = Connection("c", "pdd", None, {}, None, ZoneInfo("UTC"), "USD", "acct", None)
    assert {"statement": None, "account": "acct", "currency": "USD"} == unstated(shop)
    assert "EUR" == unstated(shop, "EUR")["currency"]
    assert "USD" == unstated(shop, "")["currency"]
