"""A corner shop's spreadsheets with everything in them that people and programs get wrong."""

import gzip
import io
from pathlib import Path

import openpyxl

SETTINGS = """
[[store]]
code = "corner"
entity = "HQ"
platform = "own_site"
money = "channel"
payments = ["till"]

[[account]]
code = "till"
entity = "HQ"
kind = "channel"
platform = "own_site"
currency = "CNY"

[[connection]]
name = "corner_export"
source = "files"
store = "corner"
account = "till"
path = "inbox/corner"
"""
HEAD = "order_no,status,ordered_at,paid_at,goods_amount,buyer_paid"
PAID = "type,status,amount,occurred_at"
FORMULA = "=cmd|' /C calc'!A0"


def order(number: str = "", **cells: str) -> str:
    """One row of orders; what is not said is as it should be."""
    given = {
        "order_no": number,
        "status": "paid",
        "ordered_at": "2026-09-26 09:00:00",
        "paid_at": "2026-09-26 09:01:00",
        "goods_amount": "10.00",
        "buyer_paid": "10.00",
    }
    return ",".join((given | cells).values())


REJECTED = {
    # name: (row, column that the quarantine names)
    "float": (order("C-float", goods_amount="1e3"), "goods_amount"),
    "rounded": (order("C-rounded", goods_amount="17.599999"), "goods_amount"),
    "underscore": (order("C-underscore", goods_amount="1_000.00"), "goods_amount"),
    "thousands": (order("C-thousands", buyer_paid='"1,000.00"'), "buyer_paid"),
    "sign": (order("C-sign", buyer_paid="￥10.00"), "buyer_paid"),
    "nan": (order("C-nan", buyer_paid="NaN"), "buyer_paid"),
    "minus": (order("C-minus", buyer_paid="-10.00"), "buyer_paid"),
    "digits": (order("C-digits", buyer_paid="12345678901234567.00"), "buyer_paid"),
    "cut id": (order("1.23457E+17"), "order_no"),
    "no id": (order(""), "order_no"),
    "no day": (order("C-noday", ordered_at="2026-02-30 09:00:00"), "ordered_at"),
    "year 9999": (order("C-9999", paid_at="9999-12-31 23:59:59"), "paid_at"),
    "year 1": (order("C-0001", paid_at="0001-01-01 00:00:00"), "paid_at"),
    "year 10000": (order("C-10000", ordered_at="10000-01-01 00:00:00"), "ordered_at"),
    "slashes": (order("C-slashes", ordered_at="26/09/2026"), "ordered_at"),
}
RAGGED = (order("C-long") + ",surplus", "C-short,paid,2026-09-26 09:00:00")
GOOD = ("C-1", FORMULA, "C-3")
UNKNOWN_WORD = order("C-word", status="done")
BOM_GOOD, WIDE_GOOD = "C-bom", "C-gb"
REFUSED = {
    # file name: (bytes, words of the reason)
    "orders_missing_column.csv": (b"order_no,status\nM-1,paid\n", "ordered_at"),
    "orders_twice.csv": (f"{HEAD},order_no\n{order('T-1')},T-1\n".encode(), "twice"),
    "orders_utf16.csv": (f"{HEAD}\n{order('U-1')}\n".encode("utf-16"), "UTF-16"),
    "orders_open_quote.csv": (f'{HEAD}\n{order("Q-1")}\n"Q-2{order()}\n{order("Q-3")}\n'.encode(), "quote"),
    "orders_html.csv": (b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n", "order_no"),
    "orders_empty.csv": (b"", "heading"),
    "orders_cut.csv.gz": (gzip.compress(f"{HEAD}\n{order('G-1')}\n".encode())[:-9], "cut off"),
    "orders_text.xlsx": (b"PK\x03\x04 is no workbook", "XLSX"),
}


def workbook() -> bytes:
    """One good order, and one whose number the spreadsheet has cut."""
    book = openpyxl.Workbook()
    page = book.create_sheet("orders")
    page.append(HEAD.split(","))
    page.append(["C-xlsx", "paid", "2026-09-26 09:00:00", "2026-09-26 09:01:00", 10.1 + 0.2, "10.30"])
    page.append([12345678901234567890, "paid", "2026-09-26 09:00:00", "2026-09-26 09:01:00", 10, 10])
    page.append(["=1+1", "paid", "2026-09-26 09:00:00", "2026-09-26 09:01:00", "=SUM(A1)", 10])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mixed() -> str:
    """Good rows between bad ones; every bad row stands on a line that its reject must name."""
    rows = [
        order(GOOD[0]),
        *(row for row, _ in REJECTED.values()),
        order(GOOD[1]),
        *RAGGED,
        UNKNOWN_WORD,
        order(GOOD[2]),
    ]
    return "\n".join([HEAD, *rows]) + "\n"


def line_of(row: str) -> int:
    """The line of a row in the mixed file."""
    return mixed().splitlines().index(row) + 1


def write(folder: Path) -> None:
    """All of it, and the payments of the good orders."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders_mixed.csv").write_text(mixed(), encoding="utf-8")
    (folder / "orders_bom.csv").write_text(f"{HEAD}\n{order(BOM_GOOD)}\n", encoding="utf-8-sig")
    (folder / "orders_gb.csv").write_text(f"备注,{HEAD}\n茶叶,{order(WIDE_GOOD)}\n", encoding="gb18030")
    (folder / "orders_book.xlsx").write_bytes(workbook())
    for name, (body, _) in REFUSED.items():
        (folder / name).write_bytes(body)
    payments = [
        f'P{place},payment,succeeded,10.00,2026-09-26 09:01:00,"{number}"'
        for place, number in enumerate((*GOOD, BOM_GOOD, WIDE_GOOD))
    ]
    head = f"transaction_no,{PAID},order_no"
    (folder / "payments.csv").write_text("\n".join([head, *payments]) + "\n", encoding="utf-8")
