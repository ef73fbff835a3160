"""The market's banks, each with a statement per calendar day in its own format, days without a movement included."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market

_CUT = 27


def _lines(market: Market, bank: str, day: date) -> list[dict[str, Any]]:
    market.ensure(day)
    return market.records("select * from market.bank_lines where bank = ? and day = ? order by line_no", [bank, day])


def _ends(market: Market, bank: str, day: date) -> tuple[int, int]:
    market.ensure(day)
    opening, closing = market.rows(
        "select opening, closing from market.balances where account = ? and day = ?", [bank, day]
    )[0]
    return int(opening), int(closing)


def _is_traced(line: dict[str, Any]) -> bool:
    return bool(line["amount"] > 0 and line["fault"] in {None, "payout_short"} and line["remark"] != "payout")


def mt940(market: Market, folder: Path, day: date) -> list[Path]:
    """eur_bank in MT940, German sub-fields."""

    def comma(cents: int) -> str:
        return f"{abs(cents) // 100},{abs(cents) % 100:02d}"

    def mark(cents: int) -> str:
        return "D" if cents < 0 else "C"

    opening, closing = _ends(market, "eur_bank", day)
    before = day - timedelta(days=1)
    rows = [
        ":20:STARTUMS",
        ":25:50010000/7788990011",
        f":28C:{day:%j}/1",
        f":60F:{mark(opening)}{before:%y%m%d}EUR{comma(opening)}",
    ]
    for line in _lines(market, "eur_bank", day):
        amount = line["amount"]
        rows.append(f":61:{day:%y%m%d}{day:%m%d}{mark(amount)}R{comma(amount)}NTRFNONREF//{line['reference']}")
        purpose = f"EREF+{line['remark']} SVWZ+payout" if _is_traced(line) else f"SVWZ+{line['remark']}"
        pieces = [purpose[place : place + _CUT] for place in range(0, len(purpose), _CUT)]
        fields = "".join(f"?{20 + number}{piece}" for number, piece in enumerate(pieces))
        rows.append(f":86:166?00GUTSCHRIFT?109200{fields}?32{line['counterparty'][:_CUT]}")
    rows += [f":62F:{mark(closing)}{day:%y%m%d}EUR{comma(closing)}", "-"]
    return [placed(folder / f"eur_{day}.sta", "\r\n".join(rows).encode() + b"\r\n")]


def ofx(market: Market, folder: Path, day: date) -> list[Path]:
    """citi_usd in OFX 1.x: SGML without closing tags."""
    _, closing = _ends(market, "citi_usd", day)
    moved = "".join(
        f"<STMTTRN>\n<TRNTYPE>{'CREDIT' if line['amount'] > 0 else 'DEBIT'}\n<DTPOSTED>{day:%Y%m%d}120000[-5:EST]\n"
        f"<TRNAMT>{_point(line['amount'])}\n<FITID>{line['reference']}\n<NAME>{line['counterparty']}\n"
        f"<MEMO>{line['remark']}\n" + (f"<REFNUM>{line['remark']}\n" if _is_traced(line) else "") + "</STMTTRN>\n"
        for line in _lines(market, "citi_usd", day)
    )
    text = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n"
        f"</STATUS>\n<DTSERVER>{day:%Y%m%d}235959\n<LANGUAGE>ENG\n</SONRS>\n</SIGNONMSGSRSV1>\n<BANKMSGSRSV1>\n"
        "<STMTTRNRS>\n<TRNUID>1\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n</STATUS>\n<STMTRS>\n<CURDEF>USD\n<BANKACCTFROM>\n"
        "<BANKID>031100209\n<ACCTID>5566778899\n<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n<BANKTRANLIST>\n"
        f"<DTSTART>{day:%Y%m%d}\n<DTEND>{day:%Y%m%d}\n{moved}</BANKTRANLIST>\n<LEDGERBAL>\n<BALAMT>{_point(closing)}\n"
        f"<DTASOF>{day:%Y%m%d}\n</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n"
    )
    return [placed(folder / f"citi_{day}.ofx", text.encode("ascii"))]


def bai2(market: Market, folder: Path, day: date) -> list[Path]:
    """usd_bank in BAI2, with control totals and counts."""
    opening, closing = _ends(market, "usd_bank", day)
    lines = _lines(market, "usd_bank", day)
    credits_ = [line["amount"] for line in lines if line["amount"] > 0]
    debits = [-line["amount"] for line in lines if line["amount"] < 0]
    records = [
        f"03,4433221100,USD,010,{opening},,,015,{closing},,/",
        f"88,100,{sum(credits_)},{len(credits_)},,400,{sum(debits)},{len(debits)},/",
    ]
    for line in lines:
        code = "165" if line["amount"] > 0 else "475"
        customer = line["remark"] if _is_traced(line) else ""
        records.append(f"16,{code},{abs(line['amount'])},,{line['reference']},{customer},{line['counterparty']}/")
        records.append(f"88,{line['remark']}/")
    total = opening + closing + 2 * (sum(credits_) + sum(debits))
    text = [
        f"01,USBANK,MERCHANT,{day + timedelta(days=1):%y%m%d},0600,{day:%j},,,2/",
        f"02,MERCHANT,USBANK,1,{day:%y%m%d},2400,USD,2/",
        *records,
        f"49,{total},{len(records) + 1}/",
        f"98,{total},1,{len(records) + 3}/",
        f"99,{total},1,{len(records) + 5}/",
    ]
    return [placed(folder / f"usd_{day}.bai2", "\n".join(text).encode("ascii") + b"\n")]


def ccb(market: Market, folder: Path, day: date) -> list[Path]:
    """ccb_5678 as exported from corporate online banking, GB18030, newest first."""
    heading = (
        "账号,账户名称,交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,对方开户机构,"
        "记账日期,摘要,备注,账户明细编号-交易流水号"
    )
    rows = [
        [
            "41001500050050005678", "示例零售店", f"{day:%Y%m%d} 09:{line['line_no'] % 60:02d}:00",
            _point(-line["amount"]) if line["amount"] < 0 else "", _point(line["amount"]) if line["amount"] > 0 else "",
            _point(line["balance"]), "人民币", line["counterparty"], "", "", f"{day:%Y%m%d}", line["remark"], "",
            f"{line['reference']}",
        ]
        for line in reversed(_lines(market, "ccb_5678", day))
    ]  # fmt: skip
    return [placed(folder / f"ccb_{day}.csv", _csv(heading, rows).encode("gb18030"))]


def cmb(market: Market, folder: Path, day: date) -> list[Path]:
    """cmb_9001 as exported from corporate online banking: 32 columns, no account in them, newest first.

    For a connection of that name that has a folder; the direct interface tells the same lines.
    """
    heading = (
        "交易日,交易时间,起息日,交易类型,借方金额,贷方金额,余额,摘要,流水号,流程实例号,业务名称,用途,业务参考号,业务摘要,"
        "其它摘要,收/付方分行名,收/付方名称,收/付方帐号,收/付方开户行行号,收/付方开户行名,收/付方开户行地址,"
        "母/子公司帐号分行名,母/子公司帐号,母/子公司名称,信息标志,有否附件信息,冲帐标志,扩展摘要,交易分析码,票据号,"
        "商务支付订单号,内部编号"
    )
    rows = [
        [
            f"{day:%Y%m%d}", f"10{line['line_no'] % 60:02d}00", f"{day:%Y%m%d}", "网银转账",
            _point(-line["amount"]) if line["amount"] < 0 else "", _point(line["amount"]) if line["amount"] > 0 else "",
            _point(line["balance"]), line["remark"], line["reference"], *[""] * 7, line["counterparty"], *[""] * 15,
        ]
        for line in reversed(_lines(market, "cmb_9001", day))
    ]  # fmt: skip
    return [placed(folder / f"cmb_{day}.csv", _csv(heading, rows).encode("gb18030"))]


def _csv(heading: str, rows: Sequence[Sequence[str]]) -> str:
    return "\r\n".join([heading, *(",".join(row) for row in rows)]) + "\r\n"


def _point(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
