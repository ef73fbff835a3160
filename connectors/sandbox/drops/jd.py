"""What the market's JD shop exports: the settlement rows of a day, in turns old and new, and the wallet's ledger.

The wallet is a workbook of two sheets; the first, for settlement rows, stays empty: they have a file of their own.
"""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl

from connectors.sandbox.apis.jd_rows import moved, settled, sku_number
from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market

_TIME = "%Y-%m-%d %H:%M:%S"
_OLD = (
    "订单编号,父单号,订单状态,订单下单时间,订单完成时间,售后服务单号,售后退款时间,商品编号,商品名称,商品数量,扣点类型,佣金比例,费用名称,"
    "应结金额,币种,收支方向,结算状态,预计结算时间,账单生成时间,到账时间,商户订单号,资金动账备注"
)
_NEW = (
    "订单编号,父单号,订单状态,订单下单时间,订单完成时间,商品编号,商品名称,商品单价,商品数量,结算时间,商户订单号,资金动账备注,费用名称,"
    "费用分类,应结金额,结算单类型,结算单号,结算主体"
)
_SHEET = (
    "订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,商家应收/应付,"
    "钱包结算备注,店铺号,京东门店编号,品牌门店编号,门店名称,备注,收支方向,账单日期,商品数量"
)
_FUNDS = "商户号,账户代码,账户名称,日期,商户订单号,账户余额(元),收入金额(元),支出金额(元),交易备注,账单日期"
_CLOCK = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_WORDS = {"payout": "提现"}


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """Both files of a day."""
    return [
        placed(folder / f"订单结算明细_{day:%Y%m%d}.csv", _settlement(market, day)),
        placed(folder / f"钱包账单_{day:%Y%m%d}.xlsx", _wallet(market, day)),
    ]


def _settlement(market: Market, day: date) -> bytes:
    is_old = day.toordinal() % 2 == 0
    lines = ["名称：说明", _OLD] if is_old else [_NEW]
    lines += [",".join(_old_row(row) if is_old else _new_row(row)) for row in settled(market, day)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _old_row(row: dict[str, Any]) -> list[str]:
    return [
        f'="{row["order_no"]}"', '="0"', "完成", _text(row["ordered_at"]), _text(row["confirmed_at"]), "", "",
        f'="{sku_number(row["sku_no"])}"', f"商品{row['sku_no']:03d}", str(row["quantity"]), "基础扣点", "0.05",
        row["fee_name"], _point(row["amount"]), "CNY", "收入" if row["is_in"] else "支出", "已结算",
        _text(row["settled_at"]), f"{row['settled_at']:%Y%m%d}", "", row["settlement_no"], "",
    ]  # fmt: skip


def _new_row(row: dict[str, Any]) -> list[str]:
    return [
        f'="{row["order_no"]}"', '="0"', "完成", _text(row["ordered_at"]), _text(row["confirmed_at"]),
        f'="{sku_number(row["sku_no"])}"', f"商品{row['sku_no']:03d}", "", str(row["quantity"]),
        _text(row["settled_at"]), row["settlement_no"], "", row["fee_name"], "收入" if row["is_in"] else "支出",
        _point(row["amount"]), "日结算单", f"{row['settlement_no']}01", "示例旗舰店",
    ]  # fmt: skip


def _wallet(market: Market, day: date) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.create_sheet("结算表").append(_SHEET.split(","))
    sheet = book.create_sheet("资金表")
    sheet.append(_FUNDS.split(","))
    for flow in moved(market, day):
        sheet.append(_movement(flow))
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue(), day)


def _timeless(body: bytes, day: date) -> bytes:
    """The same workbook without the time of its making: the same day gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _CLOCK.sub(f"{day}T00:00:00Z".encode(), content)
            kept.writestr(zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0)), content)
    return out.getvalue()


def _movement(flow: dict[str, Any]) -> list[Any]:
    if flow["kind"] == "settlement":
        number, words = flow["settlement_no"], f"{flow['period_end']:%Y年%m月%d日}京东支付货款"
    else:
        number, words = flow["payout_no"] or flow["flow_no"], _WORDS.get(flow["kind"], flow["memo"])
    amount = flow["amount"]
    bill_day = flow["period_end"] or flow["day"]
    return [
        "示例旗舰店", "2830000000001", "示例旗舰店的账户", flow["occurred_at"], number, flow["balance"] / 100,
        amount / 100 if amount > 0 else 0, -amount / 100 if amount < 0 else 0, words,
        datetime.combine(bill_day, datetime.min.time()),
    ]  # fmt: skip


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime(_TIME)


def _point(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
