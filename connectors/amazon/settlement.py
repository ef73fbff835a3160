"""Reading Amazon's settlement report (flat file): the V2 layout with one amount a row, and V1 with one per column pair.

Columns are found by their headings. The first row of a settlement carries its dates and its total; the sum of all
other amounts must equal it, else the file is refused whole.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from connectors.amazon.components import RETURNED, component_of
from connectors.core.text import Refused, clean, money

KEY = "settlement-id"
REQUIRED = (KEY, "settlement-start-date", "settlement-end-date", "total-amount", "currency", "transaction-type")
PAIRS: Mapping[str, tuple[str, str]] = {
    "price-amount": ("ItemPrice", "price-type"),
    "item-related-fee-amount": ("ItemFees", "item-related-fee-type"),
    "shipment-fee-amount": ("ShipmentFees", "shipment-fee-type"),
    "order-fee-amount": ("OrderFees", "order-fee-type"),
    "promotion-amount": ("Promotion", "promotion-type"),
    "direct-payment-amount": ("DirectPayment", "direct-payment-type"),
    "misc-fee-amount": ("MiscFee", ""),
    "other-fee-amount": ("OtherFee", "other-fee-reason-description"),
    "other-amount": ("Other", ""),
}
ORDER = re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}")
RETURN = re.compile(RETURNED)
PLAIN = re.compile(r"[0-9]+")
POINT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})*|[0-9]+)\.[0-9]{1,2}")
COMMA = re.compile(r"(?:[0-9]{1,3}(?:[. \u00a0][0-9]{3})*|[0-9]+),[0-9]{1,2}")
TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y",
)


@dataclass(slots=True)
class Settlement:
    """One settlement: what its header says, and the lines that make it up."""

    number: str
    currency: str
    start: str
    end: str
    total: Decimal
    lines: list[dict[str, str]] = field(default_factory=list)
    sum: Decimal = Decimal()
    returned: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)


def amount_of(text: str) -> Decimal | None:
    """An amount in the marketplace's own style: decimal point or comma, minus or brackets; None where it is none.

    ``1,234`` may be one thousand or one and a quarter, so it is none.
    """
    body = text.strip()
    is_negative = body.startswith(("-", "(", "\u2212"))
    if body.startswith("("):
        if not body.endswith(")"):
            return None
        body = body[1:-1]
    body = body.lstrip("-+\u2212").strip()
    if PLAIN.fullmatch(body):
        value = Decimal(body)
    elif POINT.fullmatch(body):
        value = Decimal(body.replace(",", ""))
    elif COMMA.fullmatch(body):
        value = Decimal(re.sub(r"[. \u00a0]", "", body).replace(",", "."))
    else:
        return None
    return -value if is_negative else value


def time_of(text: str, form: str | None) -> str | None:
    """A time as ISO 8601 in UTC; forms differ by marketplace, an unknown one is no time."""
    body = text.strip().removesuffix(" UTC").removesuffix(" GMT").strip()
    for known in (form,) if form else TIMES:
        try:
            moment = datetime.strptime(body, known)  # noqa: DTZ007 - the zone is put on below
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    try:
        moment = datetime.fromisoformat(body)
    except ValueError:
        return None
    return None if form or moment.tzinfo is None else moment.astimezone(UTC).isoformat()


def settlements_in(lines: Iterable[str], name: str, form: str | None) -> list[Settlement]:
    """Every settlement of the file, checked against its own total."""
    reading = _rows(lines, name)
    found: dict[str, Settlement] = {}
    for number, row in reading:
        key = row[KEY]
        if not key:
            raise Refused(f"{name} line {number}: settlement-id is empty; fetch it again")
        if row["total-amount"] or key not in found:
            if key in found:
                raise Refused(f"{name} line {number}: settlement {key} has a second header; fetch it again")
            found[key] = _header(row, f"{name} line {number}", form)
            continue
        _take(found[key], row, number, f"{name} line {number}", form)
    if not found:
        raise Refused(f"{name} holds no settlement; fetch it again")
    for item in found.values():
        if item.sum != item.total:
            raise Refused(
                f"{name}: settlement {item.number} states {money(item.total)}, its rows add up to {money(item.sum)} "
                f"(deviation {money(item.sum - item.total)}); fetch it again"
            )
    return list(found.values())


def _rows(lines: Iterable[str], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    reading = iter(lines)
    headings = [clean(cell).strip('"').lower() for cell in next(reading, "").rstrip("\r\n").split("\t")]
    missing = [column for column in REQUIRED if column not in headings]
    if missing:
        raise Refused(
            f"{name} is no settlement report: column {missing[0]} is missing; allowed are flat files V1 and V2"
        )
    if "amount" not in headings and not PAIRS.keys() & set(headings):
        raise Refused(f"{name} has no column of amounts; allowed are flat files V1 and V2")
    if len(set(headings)) < len(headings):
        raise Refused(f"{name} names a column twice; fetch it again")
    for number, line in enumerate(reading, 2):
        cells = [
            cell.strip().removeprefix('"').removesuffix('"').strip() for cell in line.replace("\r", " ").split("\t")
        ]
        if not any(cells):
            continue
        if len(cells) > len(headings):
            raise Refused(f"{name} line {number} has {len(cells)} cells, the heading {len(headings)}; fetch it again")
        yield number, dict.fromkeys(headings, "") | dict(zip(headings, cells, strict=False))


def _header(row: Mapping[str, str], where: str, form: str | None) -> Settlement:
    total = amount_of(row["total-amount"])
    start, end = (time_of(row[name], form) for name in ("settlement-start-date", "settlement-end-date"))
    if total is None:
        raise Refused(
            f"{where}: total-amount is {row['total-amount']!r}, no amount; the settlement's header is missing"
        )
    if start is None or end is None:
        raise Refused(f"{where}: a date of the period has an unknown form; set option date_format (such as %m/%d/%Y)")
    currency = row["currency"].upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Refused(f"{where}: currency is {row['currency']!r}, no code of three letters; fetch it again")
    return Settlement(row[KEY], currency, start, end, total)


def _moved(row: Mapping[str, str], where: str) -> Iterator[tuple[str, str, Decimal]]:
    """(amount type, description, amount) of a row; an empty cell is none, a zero is one."""
    columns = ["amount"] if "amount" in row else [column for column in PAIRS if column in row]
    for column in columns:
        if not row[column]:
            continue
        value = amount_of(row[column])
        if value is None:
            raise Refused(f"{where}: {column} is {row[column]!r}, no amount in a known style; fetch it again")
        if column == "amount":
            yield row.get("amount-type", ""), row.get("amount-description", ""), value
        else:
            kind, described = PAIRS[column]
            yield kind, row.get(described, "") if described else "", value


def _take(item: Settlement, row: Mapping[str, str], number: int, where: str, form: str | None) -> None:
    posted_text = row.get("posted-date-time") or row.get("posted-date") or ""
    posted = time_of(posted_text, form) if posted_text else item.end
    if posted is None:
        raise Refused(f"{where}: posted-date is {posted_text!r}, an unknown form; set option date_format")
    kind, stated = row["transaction-type"], row.get("order-id", "")
    # fee rows may carry a shipment's number where the order's should be
    order_no = stated if ORDER.fullmatch(stated) else ""
    for amount_type, description, value in _moved(row, where):
        component = component_of(kind, amount_type, description)
        item.sum += value
        item.lines.append({
            "settlement_no": item.number,
            "line_no": str(len(item.lines) + 1),
            "order_no": order_no,
            "sub_order_no": row.get("order-item-code", ""),
            "transaction_no": row.get("adjustment-id", "") or ("" if order_no else stated),
            "component": component,
            "source_component": f"{kind}/{amount_type}/{description}",
            "amount": money(value),
            "bill_date": posted[:10],
            "settled_at": item.end,
            "currency": item.currency,
            "source_line": str(number),
        })  # fmt: skip
        if RETURN.fullmatch(kind) and order_no and component in {"refund", "tax_collected"}:
            ticket = row.get("adjustment-id", "") or row.get("merchant-adjustment-item-id", "")
            _give_back(item, (order_no, ticket or posted), value, posted, ticket)


def _give_back(item: Settlement, key: tuple[str, str], value: Decimal, posted: str, ticket: str) -> None:
    """Amazon lists no refunds by themselves: a refund is what an order's return rows give back together."""
    known = item.returned.get(key)
    if known is None:
        place = sum(1 for order_no, _ in item.returned if order_no == key[0]) + 1
        item.returned[key] = {
            "refund_no": ticket or f"{item.number}-{key[0]}-{place}",
            "order_no": key[0],
            "amount": money(-value),
            "succeeded_at": posted,
            "currency": item.currency,
        }
    else:
        known["amount"] = money(Decimal(known["amount"]) - value)
