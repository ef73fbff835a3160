"""What a page holds, as bank lines: sides, signs, days and the page's own sums. Nothing is read from files here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.core.banklines import Line
from connectors.core.bills import deviation
from connectors.core.protocol import Connection
from connectors.core.text import Refused, amount

CREDIT, DEBIT = "C", "D"
REVERSALS = {"*": "冲帐", "X": "补帐"}
"""The flags that may turn a side round → what the remark says of them."""
CURRENCIES = {"10": "CNY"}
REMARKS = ("remarkTextClt", "businessText", "businessName", "extendedRemark", "mchOrderNbr")


@dataclass(frozen=True, slots=True)
class Movement:
    """One row: its side and currency, the account it is booked on where that is another, and the line it makes."""

    side: str
    currency: str
    booked_on: str
    line: Line

    @property
    def lies_on_its_side(self) -> bool:
        """Whether a credit brings money and a debit takes it, as all but reversals do."""
        if self.line.amount is None or self.side not in {CREDIT, DEBIT}:
            return False
        return self.line.amount >= 0 if self.side == CREDIT else self.line.amount <= 0


def movement(row: Mapping[str, Any], connection: Connection) -> Movement:
    """A row of ``Z2``. ``transAmount`` is signed by the bank already; the sign alone says where the money went."""
    side, flag, code = text_of(row, "loanCode"), text_of(row, "reversalFlag"), text_of(row, "currencyNbr")
    value = amount(text_of(row, "transAmount"))
    number = text_of(row, "transSequenceIdn")
    remarks = [text_of(row, name) for name in REMARKS] + [REVERSALS.get(flag, "")]
    known = CURRENCIES | dict(connection.options.get("currency_codes", {}))
    line = Line(
        amount=value,
        raw_amount=text_of(row, "transAmount"),
        refusal=_refusal(side, flag, value),
        booked_at=_moment(text_of(row, "transDate"), text_of(row, "transTime")),
        value_date=_moment(text_of(row, "valueDate"), ""),
        balance=amount(text_of(row, "acctOnlineBal")) if connection.options.get("running_balance", True) else None,
        counterparty_name=text_of(row, "ctpAcctName"),
        counterparty_account=text_of(row, "ctpAcctNbr"),
        remark=" ".join(dict.fromkeys(filter(None, remarks))),
        bank_reference=text_of(row, "yurRef") or number,
        line_no=number,
    )
    # a code nobody translates stays as it is: staging sends its rows to quarantine
    return Movement(side, known.get(code, code) or connection.currency, text_of(row, "transCardNbr"), line)


def _refusal(side: str, flag: str, value: Decimal | None) -> str:
    """Why a row cannot be taken although its amount is readable."""
    if side not in {CREDIT, DEBIT}:
        return f"{side or '(empty)'} is no loanCode such as C or D"
    if value is None or flag in REVERSALS:
        return ""
    if (value < 0) is (side == CREDIT) and value:
        return f"a {side} row of {value} that is no reversal: credits come positive, debits negative"
    return ""


def text_of(row: Mapping[str, Any], name: str) -> str:
    """A cell as text, without the blanks that fixed fields end with."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _moment(day: str, clock: str) -> str:
    """ISO 8601, local; the day alone where the clock says nothing, empty where the day is none."""
    for text, form, kind in ((day + clock, "%Y%m%d%H%M%S", "seconds"), (day, "%Y%m%d", "")):
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the bank's own day and clock
        except ValueError:
            continue
        if len(text) == len(moment.strftime(form)):
            return moment.isoformat(timespec=kind) if kind else moment.date().isoformat()
    return ""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a page says of itself; the debits' sum is negative as the debits are. None where it is silent."""

    credits: int | None
    debits: int | None
    credit_sum: Decimal | None
    debit_sum: Decimal | None

    @property
    def count(self) -> int | None:
        """How many rows it says it has."""
        return None if self.credits is None or self.debits is None else self.credits + self.debits

    def deviations(self, label: str, movements: list[Movement]) -> list[str]:
        """Where the rows, taken side by side, give something else."""
        found: list[str] = []
        for side, count, total in ((CREDIT, self.credits, self.credit_sum), (DEBIT, self.debits, self.debit_sum)):
            values = [item.line.amount or Decimal() for item in movements if item.side == side]
            found.append(deviation(f"{label}: the number of {side} rows", count, len(values)))
            found.append(deviation(f"{label}: the sum of the {side} rows", total, sum(values, Decimal())))
        return [reason for reason in found if reason]


def sums_of(control: Mapping[str, Any], name: str) -> Sums:
    """``Z1``'s counts and sums; raises Refused where one is unreadable, since nothing could be proven by it."""

    def number(key: str) -> Decimal | None:
        text = text_of(control, key)
        value = amount(text)
        if text and value is None:
            raise Refused(f"{name}: {key} of its sums is {text[:20]!r}, allowed is a plain number; ask again")
        return value

    counts = [number(key) for key in ("creditNums", "debitNums")]
    if any(count is not None and count != count.to_integral_value() for count in counts):
        raise Refused(f"{name} counts its rows in fractions; ask again")
    credits_, debits = (None if count is None else int(count) for count in counts)
    return Sums(credits_, debits, number("creditAmount"), number("debitAmount"))
