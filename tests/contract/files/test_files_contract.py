"""Spreadsheets as people save them: encodings, delimiters, marks around ids, workbooks, and broken ones."""

import gzip
from datetime import datetime

import openpyxl
import pytest

from connectors.core.canonical import csv_rows
from connectors.core.protocol import ColumnRule
from connectors.core.registry import stream_named
from connectors.files import SOURCE
from connectors.files.streams import TEMPLATES, table_columns

ORDERS = stream_named(SOURCE, "orders")
HEADER = "order_no,status,ordered_at,goods_amount,buyer_paid"
ROW = "A1,paid,2026-10-08 10:00:00,10.00,10.00"
PLAIN = f"{HEADER}\n{ROW}\n"


@pytest.fixture
def shop(connect, tmp_path):
    return connect("files", path=tmp_path)


def read(body, tmp_path, shop, name="orders_1.csv", stream=ORDERS):
    path = tmp_path / name
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return stream.unpack(path, name.partition(".")[2], tmp_path / "work", shop, name)


@pytest.fixture(autouse=True)
def _work(tmp_path):
    (tmp_path / "work").mkdir()


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("order_no,status", "备注,order_no,status").replace("A1", "好,A1").encode("gb18030"),
        PLAIN.replace("order_no", "Order_No"),
        PLAIN.replace("A1", "'A1"),
        PLAIN.replace("A1", "`A1"),
        PLAIN.replace("A1", '="A1"'),
        PLAIN.replace("A1", '"=""A1"""'),
        PLAIN.replace("A1,", "A1\t,"),
        PLAIN.replace("A1", '"A1"'),
        "\n\n" + PLAIN,
        PLAIN.replace("\n", "\r"),
        gzip.compress(PLAIN.encode(), mtime=0),
        f"{HEADER},\n{ROW},\n",
        f"{HEADER}\n{ROW},,\n",
    ],
)
def test_what_people_save_reads_alike(tmp_path, shop, body):
    found = read(body, tmp_path, shop)
    assert found.refused is None
    result = ORDERS.canonical(found, shop)
    assert () == result.quarantine
    [order] = result.streams["orders"]
    assert ("A1", "paid", "2026-10-08T10:00:00+08:00", "10.00") == (
        order["order_no"],
        order["status"],
        order["ordered_at"],
        order["buyer_paid"],
    )


def test_a_clean_file_is_passed_through_without_a_copy(tmp_path, shop):
    found = read(PLAIN, tmp_path, shop)
    part = found.parts[0]
    assert (tmp_path / "orders_1.csv", 1, 2, ",", "") == (
        part.path,
        part.skip,
        part.first_row,
        part.delimiter,
        part.line_column,
    )
    assert tuple(HEADER.split(",")) == part.columns
    assert {} == dict(part.rules)
    assert [] == list((tmp_path / "work").iterdir())


def test_a_file_in_gb18030_is_turned_into_utf_8_line_for_line(tmp_path, shop):
    found = read(f"{HEADER},备注\n{ROW},茶`叶\n\n{ROW},二\n".encode("gb18030"), tmp_path, shop)
    part = found.parts[0]
    assert (f"{HEADER},备注\n{ROW},茶`叶\n\n{ROW},二\n", "", 1) == (
        part.path.read_text(encoding="utf-8"),
        part.line_column,
        part.skip,
    )


def test_a_rewritten_file_says_the_source_line_of_every_row(tmp_path, shop):
    found = read(f"{HEADER}\n\n{ROW}\n\n'A2{ROW[2:]}\n", tmp_path, shop)
    assert [3, 5] == [line for line, _ in csv_rows(found.parts[0])]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"order_no,status\n{ROW}\n", ("orders_1.csv", "ordered_at", "order_no, status, ordered_at")),
        (f"{HEADER},order_no\n{ROW},A1\n", ("orders_1.csv", "order_no twice")),
        ("", ("no heading row",)),
        (PLAIN.encode("utf-16"), ("UTF-16", "allowed")),
        (PLAIN.encode() + b"\xff\xfe\xff", ("neither UTF-8 nor GB18030",)),
        (f"{HEADER}\n'A0{ROW[2:]}\n\"A1{ROW[2:]}\n", ("line 3", "quote is not closed")),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], ("cut off",)),
        (b"PK\x03\x04 no workbook", ("no readable XLSX",)),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_file_place_and_what_is_allowed(tmp_path, shop, body, words):
    found = read(body, tmp_path, shop)
    assert () == found.parts
    assert all(word in (found.refused or "") for word in words), found.refused


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (ROW.replace("10.00,10.00", "1e1,10.00"), "goods_amount"),
        (ROW.replace("10.00,10.00", "10.005,10.00"), "goods_amount"),
        (ROW.replace("10.00,10.00", "-10.00,10.00"), "goods_amount"),
        (ROW.replace("10.00,10.00", "10.00,10.000"), None),
        (ROW.replace("paid", "gone"), "status"),
        (ROW.replace("2026-10-08 10:00:00", "08/10/2026"), "ordered_at"),
        (ROW.replace("A1", ""), "order_no"),
        (ROW + ",surplus", ""),
    ],
)
def test_a_bad_row_is_one_reject_with_line_and_column(tmp_path, shop, row, column):
    result = ORDERS.canonical(read(f"{PLAIN}{row}\n", tmp_path, shop), shop)
    expected = [] if column is None else [(3, column)]
    if column == "":
        assert 1 == len(result.streams["orders"])
    assert expected == [(reject.row, reject.column) for reject in result.quarantine]


def test_formulas_are_text(tmp_path, shop):
    found = read(PLAIN.replace("A1", "=HYPERLINK(1)"), tmp_path, shop)
    assert "=HYPERLINK(1)" == ORDERS.canonical(found, shop).streams["orders"][0]["order_no"]


def test_a_mapping_becomes_rules_over_the_file_s_own_headings(tmp_path, connect):
    mapping = {
        "order_no": {"columns": ["店铺", "订单编号"], "join": "-"},
        "status": {"column": "状态", "map": {"已付款": "paid"}},
        "ordered_at": {"column": "下单时间", "format": "%d/%m/%Y %H:%M"},
        "goods_amount": {"column": "金额(分)", "scale": "0.01"},
        "buyer_paid": {"column": "金额(分)", "scale": "0.01"},
        "currency": {"const": "CNY"},
        "freight": "运费",
    }
    shop = connect("files", path=tmp_path, options={"mapping": {"orders": mapping}})
    found = read("店铺,订单编号,状态,下单时间,金额（分）\nS,1,已付款,08/10/2026 10:00,1050\n", tmp_path, shop)
    part = found.parts[0]
    assert ("店铺", "订单编号", "状态", "下单时间", "金额（分）") == part.columns
    assert ColumnRule(columns=("金额（分）",), scale="0.01") == part.rules["goods_amount"]
    assert ColumnRule(const="CNY") == part.rules["currency"]
    assert "freight" not in part.rules
    assert ("column '运费' is missing, so orders.freight stays empty",) == found.notes
    [order] = ORDERS.canonical(found, shop).streams["orders"]
    assert ("S-1", "paid", "2026-10-08T10:00:00+08:00", "10.50") == (
        order["order_no"],
        order["status"],
        order["ordered_at"],
        order["buyer_paid"],
    )


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({"order_no": "不在"}, "no column '不在'"),
        ({"nothing": "x"}, "mapping.orders.nothing does not exist"),
        ({"order_no": {"const": "1", "column": "x"}}, "exactly one of"),
        ({"order_no": {"colum": "x"}}, "is not understood"),
    ],
)
def test_a_wrong_mapping_names_itself(tmp_path, connect, mapping, word):
    shop = connect("files", path=tmp_path, options={"mapping": {"orders": mapping}})
    assert word in (read(PLAIN, tmp_path, shop).refused or "")


def workbook(tmp_path, *rows, sheet="orders"):
    book = openpyxl.Workbook()
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    path = tmp_path / "orders_1.xlsx"
    book.save(path)
    return path.read_bytes()


def test_a_workbook_reads_ids_and_amounts_as_they_are_shown(tmp_path, shop):
    body = workbook(
        tmp_path,
        HEADER.split(","),
        ["00123456789012345678", "paid", datetime(2026, 10, 8, 10), 17.6, 0.1 + 0.2],  # noqa: DTZ001 - a cell has no zone
        [None] * 5,
        [1234567890123456789, "paid", "2026-10-08", 10, "=1+1"],
    )
    found = read(body, tmp_path, shop, "orders_1.xlsx")
    rows = list(csv_rows(found.parts[0]))
    assert [2, 4] == [line for line, _ in rows]
    assert {
        "source_line": "2",
        "order_no": "00123456789012345678",
        "status": "paid",
        "ordered_at": "2026-10-08T10:00:00",
        "goods_amount": "17.6",
        "buyer_paid": "0.3",
    } == rows[0][1]
    assert ("E+" in rows[1][1]["order_no"], "=1+1") == (True, rows[1][1]["buyer_paid"])
    assert "1 rows, the first is 4" in found.notes[0]


def test_a_workbook_without_a_sheet_of_the_stream_s_name_gives_its_first(tmp_path, shop):
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(ROW.split(","))
    path = tmp_path / "orders_2.xlsx"
    book.save(path)
    found = read(path.read_bytes(), tmp_path, shop, "orders_2.xlsx")
    assert "A1" == ORDERS.canonical(found, shop).streams["orders"][0]["order_no"]


def test_files_are_found_by_stream_name_or_by_the_pattern_given(desk, connect, tmp_path):
    for name in (
        "orders_1.csv",
        "order_lines_1.csv",
        "zfb_1.csv.gz",
        "payments_1.csv",
        "deep/orders.xlsx",
        "orders.csv.tmp",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    shop = connect("files", path=tmp_path, options={"files": {"payments": "zfb_*.csv.gz"}})
    found = {name: [d.name for d in desk.fetch(stream_named(SOURCE, name), shop)] for name in ("orders", "payments")}
    assert {"orders": ["orders.xlsx", "orders_1.csv"], "payments": ["zfb_1.csv.gz"]} == found


def test_every_template_of_the_contract_is_a_stream_with_its_own_table():
    assert [stream.name for stream in SOURCE.streams] == list(TEMPLATES)
    assert 22 == len(TEMPLATES)
    for stream in SOURCE.streams:
        assert {stream.name: table_columns(stream.name)} == dict(stream.tables)
        assert {"entity", "platform", "store", "account", "currency"} <= set(table_columns(stream.name))
