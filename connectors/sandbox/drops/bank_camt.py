"""The bank's end-of-day statement as camt.053, version .02 and on every fifth day .08, one per calendar day.

Closed days have a statement without entries. A credit names the paying platform as debtor; what the merchant can tell
it by is in ``Ustrd``.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market
from connectors.sandbox.world import World
from connectors.sandbox.world.config import BANK
from connectors.sandbox.world.plan import CYCLE

ACCOUNT_NUMBER = "0200001234"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """One file a day."""
    market.world.ensure_flows(day)
    return [placed(folder / f"camt053_{day}.xml", statement(market.world, day))]


def statement(world: World, day: date) -> bytes:
    """The day's statement."""
    opening, received, spent, received_count, spent_count, closing = world.rows(
        "select opening, in_sum, out_sum, in_count, out_count, closing from balances where account = ? and day = ?",
        [BANK, day],
    )[0]
    lines = world.records("select * from bank_lines where day = ? order by line_no", [day])
    number = (day - world.config.first_day).days
    version = "08" if number % CYCLE == CYCLE - 1 else "02"
    made = f"{day + timedelta(days=1)}T06:00:00+08:00"
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
<BkToCstmrStmt>
<GrpHdr><MsgId>ICBC{day:%Y%m%d}</MsgId><CreDtTm>{made}</CreDtTm></GrpHdr>
<Stmt>
<Id>ICBC-{ACCOUNT_NUMBER}-{day:%Y%m%d}</Id><ElctrncSeqNb>{number + 1}</ElctrncSeqNb><CreDtTm>{made}</CreDtTm>
<FrToDt><FrDtTm>{day}T00:00:00+08:00</FrDtTm><ToDtTm>{day}T23:59:59+08:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>{ACCOUNT_NUMBER}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
{_balance("OPBD", opening, day)}
{_balance("CLBD", closing, day)}
<TxsSummry><TtlCdtNtries><NbOfNtries>{received_count}</NbOfNtries><Sum>{_yuan(received)}</Sum></TtlCdtNtries>\
<TtlDbtNtries><NbOfNtries>{spent_count}</NbOfNtries><Sum>{_yuan(spent)}</Sum></TtlDbtNtries></TxsSummry>
{_entries(lines, day, version)}</Stmt>
</BkToCstmrStmt>
</Document>
"""
    return text.encode()


def _balance(kind: str, fen: int, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{_yuan(fen)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def _entries(lines: Sequence[dict[str, Any]], day: date, version: str) -> str:
    is_new = version == "08"
    parts: list[str] = []
    for line in lines:
        credit = line["amount"] > 0
        role, family = ("Dbtr", "RCDT") if credit else ("Cdtr", "ICDT")
        name = f"<Nm>{escape(line['counterparty'])}</Nm>"
        party = f"<Pty>{name}</Pty>" if is_new else name
        status = "<Cd>BOOK</Cd>" if is_new else "BOOK"
        amount = _yuan(abs(line["amount"]))
        parts.append(
            f'<Ntry><NtryRef>{line["line_no"]}</NtryRef><Amt Ccy="CNY">{amount}</Amt>'
            f"<CdtDbtInd>{'CRDT' if credit else 'DBIT'}</CdtDbtInd><Sts>{status}</Sts>"
            f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
            f"<AcctSvcrRef>{line['reference']}</AcctSvcrRef>"
            f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn></BkTxCd>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
            f"<RltdPties><{role}>{party}</{role}></RltdPties>"
            f"<RmtInf><Ustrd>{escape(line['remark'])}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        )
    return "".join(parts)
