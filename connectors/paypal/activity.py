"""The activity export of an account in English: read by header names, proven row by row and by its running balances.

Day and month change places with the account and nothing says which is first: the file's own dates decide, or the
option ``date_format``.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.core.protocol import Connection
from connectors.core.text import DAMAGED, Refused, amount, encoding_of, heading, opened, plain, text_lines
from connectors.paypal.layout import number_fields
from connectors.paypal.records import has_moved

HEADINGS = {
    "date": "date",
    "time": "time",
    "timezone": "zone",
    "type": "type",
    "status": "status",
    "currency": "currency",
    "gross": "gross",
    "fee": "fee",
    "net": "net",
    "transactionid": "transaction_no",
    "balance": "balance",
}
OPTIONAL = {
    "referencetxnid": "reference_no",
    "invoicenumber": "invoice_id",
    "customnumber": "custom_field",
    "subject": "subject",
    "balanceimpact": "impact",
}
CODES = {
    "General Payment": "T0000",
    "Express Checkout Payment": "T0006",
    "Website Payment": "T0007",
    "General Currency Conversion": "T0200",
    "User Initiated Currency Conversion": "T0201",
    "General Withdrawal": "T0400",
    "Payment Reversal": "T1106",
    "Payment Refund": "T1107",
    "Chargeback": "T1201",
}
"""Words that name a code; any other word stands for itself."""
STATUSES = {
    "Completed": "S",
    "Partially Refunded": "F",
    "Refunded": "V",
    "Reversed": "V",
    "Pending": "P",
    "Denied": "D",
}
ZONES = {
    "PST": "-0800", "PDT": "-0700", "MST": "-0700", "MDT": "-0600", "CST": "-0600", "CDT": "-0500", "EST": "-0500",
    "EDT": "-0400", "GMT": "+0000", "UTC": "+0000", "BST": "+0100", "CET": "+0100", "CEST": "+0200",
}  # fmt: skip
AMOUNT = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
FORMATS = ("%d/%m/%Y", "%m/%d/%Y")
START_BYTES = 4096
LARGEST_CELL = 100_000
Ends = Mapping[str, tuple[Decimal, Decimal]]
"""Balance before and after, by currency."""


def is_activity(path: Path) -> bool:
    """Whether the first line is the export's heading."""
    try:
        with opened(path) as stream:
            line = stream.read(START_BYTES).decode("utf-8-sig", "ignore").partition("\n")[0]
        names = {_key(cell) for cell in next(csv.reader([line]), [])}
    except (OSError, csv.Error, *DAMAGED):
        return False
    return names >= HEADINGS.keys()


def activity_rows(path: Path, name: str, connection: Connection) -> tuple[list[dict[str, str]], Ends]:
    """Every row by our columns, and each currency's balance before the first and after the last of them."""
    found = list(_cells(path, name))
    order = str(connection.options.get("date_format") or _order(found, name))
    fields = number_fields(connection)
    rows = [_row(cells, line, name, order, fields) for line, cells in found]
    return rows, _ends(rows, name)


def _key(cell: str) -> str:
    return heading(cell).casefold()


def _cells(path: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(LARGEST_CELL)
    encoding = encoding_of(lambda: opened(path), name)
    try:
        with text_lines(lambda: opened(path), encoding) as lines:
            reader = csv.reader(line.replace("\x00", "") for line in lines)
            titles = [_key(cell) for cell in next(reader, [])]
            missing = [title for title in HEADINGS if title not in titles]
            if missing:
                raise Refused(f"{name} is no activity export in English: it lacks {', '.join(missing[:3])}")
            known = HEADINGS | OPTIONAL
            places = {known[title]: place for place, title in enumerate(titles) if title in known}
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) <= max(places.values()):
                    raise Refused(f"{name} line {reader.line_num} has {len(cells)} cells, too few; fetch it again")
                yield reader.line_num, {column: " ".join(cells[place].split()) for column, place in places.items()}
    except csv.Error as error:
        raise Refused(f"{name} cannot be cut into cells ({error}); fetch it again") from error
    except DAMAGED as error:
        raise Refused(f"{name} is cut off or damaged inside its compression; fetch it again") from error


def _order(found: Sequence[tuple[int, Mapping[str, str]]], name: str) -> str:
    """The one order in which every date of the file is a date."""
    fitting = [order for order in FORMATS if all(_day(cells["date"], order) for _, cells in found)]
    if len(fitting) == 1 or not found:
        return fitting[0]
    what = (
        "no day above 12 says which of day and month is first" if fitting else "its dates are neither d/m/y nor m/d/y"
    )
    raise Refused(f"{name}: {what}; set option date_format, {FORMATS[0]} or {FORMATS[1]}")


def _day(text: str, order: str) -> datetime | None:
    try:
        return datetime.strptime(text, order).replace(tzinfo=UTC)
    except ValueError:
        return None


def _row(cells: Mapping[str, str], line: int, name: str, order: str, fields: tuple[str, str]) -> dict[str, str]:
    if cells.get("impact") == "Memo":
        raise Refused(f"{name} line {line} moves nothing (Memo); export what affects the balance only")
    numbers = {column: cells[column].replace(",", "") for column in ("gross", "fee", "net", "balance")}
    for column, text in numbers.items():
        if not AMOUNT.fullmatch(cells[column]) or amount(text) is None:
            raise Refused(f"{name} line {line}: {column} is {cells[column][:30]!r}, no amount such as 1,234.56")
    net = Decimal(numbers["gross"]) + Decimal(numbers["fee"])
    if net != Decimal(numbers["net"]):
        raise Refused(f"{name} line {line}: gross and fee make {plain(net)}, net is stated as {cells['net']}")
    if not cells["transaction_no"] or not cells["type"] or not cells["currency"]:
        raise Refused(f"{name} line {line} lacks its Transaction ID, Type or Currency; fetch it again")
    pay, refund = ("transaction_no" if field == "transaction_id" else field for field in fields)
    return {
        "transaction_no": cells["transaction_no"],
        "code": CODES.get(cells["type"], cells["type"]),
        "initiated_at": _moment(cells, line, name, order),
        "updated_at": "",
        "currency": cells["currency"],
        "gross": numbers["gross"],
        "fee": numbers["fee"],
        "status": STATUSES.get(cells["status"], cells["status"]),
        "pay_no": cells.get(pay, ""),
        "refund_no": cells.get(refund, "") or cells["transaction_no"],
        "reference_no": cells.get("reference_no", ""),
        "reference_type": "",
        "bank_reference": "",
        "subject": cells.get("subject", ""),
        "balance": numbers["balance"],
    }


def _moment(cells: Mapping[str, str], line: int, name: str, order: str) -> str:
    """The row's moment in UTC."""
    text, zone = f"{cells['date']} {cells['time']}", cells["zone"]
    try:
        if zone in ZONES:
            return datetime.strptime(f"{text} {ZONES[zone]}", f"{order} %H:%M:%S %z").astimezone(UTC).isoformat()
        local = datetime.strptime(text, f"{order} %H:%M:%S").replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC).isoformat()
    except (ValueError, OSError, LookupError, OverflowError):
        raise Refused(f"{name} line {line}: {text[:30]} {zone[:30]!r} is no time in a known zone") from None


def _ends(rows: Sequence[Mapping[str, str]], name: str) -> Ends:
    """The balances around the rows of each currency, oldest first or newest first; a chain that breaks is refused."""
    ends: dict[str, tuple[Decimal, Decimal]] = {}
    for currency in dict.fromkeys(row["currency"] for row in rows):
        moved = [row for row in rows if row["currency"] == currency and has_moved(row)]
        steps = [(Decimal(row["gross"]) + Decimal(row["fee"]), Decimal(row["balance"])) for row in moved]
        chain = next((chain for chain in (steps, steps[::-1]) if _is_chain(chain)), None)
        if chain is None:
            raise Refused(f"{name} contradicts itself: its balances in {currency} do not follow from its rows")
        if chain:
            ends[currency] = (chain[0][1] - chain[0][0], chain[-1][1])
    return ends


def _is_chain(steps: Sequence[tuple[Decimal, Decimal]]) -> bool:
    return all(before[1] + after[0] == after[1] for before, after in pairwise(steps))
