"""BAI2 statements: found in a folder, refused when a control total or a balance is not met, made loadable."""

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path

from connectors.bank_bai2.client import fetch
from connectors.bank_bai2.reader import UPDATE, Account, Movement, accounts
from connectors.core.banklines import COLUMNS, TABLE, Head, Line, bank_lines, line_book, refused
from connectors.core.currencies import from_minor
from connectors.core.protocol import Connection, Stream, Unpacked
from connectors.core.text import DAMAGED, Refused, opened, western, whole_file

START = re.compile(rb"^\xef?\xbb?\xbf?\s*01,[^,\r\n]*,[^,\r\n]*,\d{6},")
OPENING, CLOSING, CREDITS, DEBITS = "010", "015", "100", "400"
CREDIT_CODES, DEBIT_CODES = range(100, 400), range(400, 700)
STATUSES = {"2": "a deletion", "3": "a correction", "4": "a test"}
DEFAULT_CURRENCY = "USD"


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Lines as one csv part; only groups that are an update are taken."""
    del suffix, connection
    name, out = name or path.name, workdir / f"{path.name}.lines.csv"
    try:
        with line_book(out, name) as book:
            for account in accounts(western(whole_file(path, name)), name):
                book.deviations += account.deviations
                if account.status != UPDATE:
                    what = STATUSES.get(account.status, f"of status {account.status!r}")
                    book.deviations.append(
                        f"the group of account {account.number} is {what}, allowed is an update (1): decide by hand"
                    )
                book.add(_head(account, name), list(_lines(account, name)))
        return book.unpacked(out)
    except Refused as refusal:
        return refused(str(refusal))


def _currency(account: Account) -> str:
    return account.currency or account.group_currency or DEFAULT_CURRENCY


def _head(account: Account, name: str) -> Head:
    currency = _currency(account)

    def stated(code: str) -> Decimal | None:
        return from_minor(int(account.summary[code][0]), currency) if code in account.summary else None

    credits_, debits = account.summary.get(CREDITS, ("", "")), account.summary.get(DEBITS, ("", ""))
    # without their item counts the sums may be of more than the file lists
    is_counted = credits_[1].isdecimal() and debits[1].isdecimal()
    return Head(
        account=account.number,
        currency=currency,
        day=_day(account.group_day, name, account),
        opening=stated(OPENING),
        closing=stated(CLOSING),
        count=int(credits_[1]) + int(debits[1]) if is_counted else None,
        in_sum=stated(CREDITS) if is_counted else None,
        out_sum=stated(DEBITS) if is_counted else None,
    )


def _lines(account: Account, name: str) -> Iterator[Line]:
    booked = _day(account.group_day, name, account)
    for movement in account.movements:
        sign = _sign(movement)
        yield Line(
            amount=sign * from_minor(int(movement.amount), _currency(account)) if sign else None,
            raw_amount=movement.amount,
            refusal="" if sign else f"type {movement.type_code} is the bank's own: its side is not known",
            booked_at=booked,
            value_date=_day(movement.value_day, name, account) if movement.value_day else "",
            remark=movement.text,
            bank_reference=movement.customer_reference or movement.bank_reference,
        )


def _sign(movement: Movement) -> int:
    """Credit or debit by the type; 0 for the codes banks define themselves."""
    code = int(movement.type_code) if movement.type_code.isdecimal() else 0
    if code in CREDIT_CODES:
        return 1
    return -1 if code in DEBIT_CODES else 0


def _day(text: str, name: str, account: Account) -> str:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6])).isoformat()
    except ValueError:
        raise Refused(
            f"{name}: {text[:12]!r} of account {account.number} is no day of the form YYMMDD; fetch it again"
        ) from None


def recognises(path: Path) -> bool:
    """Whether the file starts with a BAI2 file header."""
    try:
        with opened(path) as stream:
            return START.match(stream.read(200)) is not None
    except (OSError, *DAMAGED):
        return False


LINES = Stream(
    name="lines",
    day_kind="drop",
    tables={TABLE: COLUMNS},
    fetch=fetch,
    unpack=unpack,
    canonical=bank_lines,
    ready_at=time(8, 0),
    reads=recognises,
)
