"""The fixed-width lines of UnionPay's files. Widths count GBK bytes; one blank stands between two fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from connectors.core.text import Refused

ZM_WIDTHS = (
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13,
    13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
)  # fmt: skip
ZME_WIDTHS = (3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135)
COMMON = {"trade_code": 1, "trace_no": 4, "sent_at": 5, "card": 6, "amount_minor": 7}
ZM_FIELDS = COMMON | {
    "query_no": 10, "order_no": 12, "original_at": 15, "fee": 16, "settled": 17, "business_type": 22,
    "merchant_no": 27, "original_order_no": 41,
}  # fmt: skip
KINDS: Mapping[str, tuple[tuple[int, ...], Mapping[str, int]]] = {
    "ZM": (ZM_WIDTHS, ZM_FIELDS),
    "ZME": (ZME_WIDTHS, COMMON),
}
COLUMNS = ("file_kind", "settled_on", *ZM_FIELDS)
LEAST_FIELDS = {"ZM": 30, "ZME": 13}
"""Up to where every version of the layout agrees."""
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
MEMBER = re.compile(r"INN(\d{6})\d{2}(ZME?)_([0-9A-Za-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Member:
    """What a file's name says about it."""

    kind: str
    settled_on: date
    merchant_no: str


def member_named(name: str) -> Member | None:
    """The facts in a name such as ``INN26100888ZM_777290058110097.txt``; None where it is no such name."""
    found = MEMBER.search(name)
    if not found:
        return None
    try:
        day = datetime.strptime(found[1], "%y%m%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return None
    return Member(found[2].upper(), day, found[3])


def cells_of(line: bytes, member: Member, name: str, number: int) -> dict[str, str]:
    """The named fields of one line; slices bytes first, then decodes."""
    if CONTROL.search(line):
        raise Refused(f"{name} line {number} holds a control character; it was edited or damaged, fetch it again")
    widths, fields = KINDS[member.kind]
    pieces, at = [], 0
    for position, width in enumerate(widths, start=1):
        piece = line[at : at + width]
        if position <= LEAST_FIELDS[member.kind] and (len(piece) < width or line[at + width : at + width + 1] != b" "):
            raise Refused(f"{name} line {number} breaks the {member.kind} layout at field {position}; fetch it again")
        pieces.append(piece)
        at += width + 1
    row = {"file_kind": member.kind, "settled_on": member.settled_on.isoformat()}
    for column, position in fields.items():
        try:
            row[column] = pieces[position - 1].decode("gbk").strip()
        except UnicodeDecodeError:
            raise Refused(f"{name} line {number}: field {position} is no GBK text; fetch it again") from None
    if not re.fullmatch(r"\d{12}", row["amount_minor"], re.ASCII):
        raise Refused(f"{name} line {number}: the amount is no twelve digits; fetch it again")
    for column in ("fee", "settled"):
        if row.get(column) and not re.fullmatch(r"[CD]\d{12}", row[column], re.ASCII):
            raise Refused(f"{name} line {number}: {column} is not C or D and twelve digits; fetch it again")
    row["sent_at"] = moment_near(row["sent_at"], member.settled_on, name, number)
    return row


def moment_near(text: str, settled_on: date, name: str, number: int) -> str:
    """``MMDDhhmmss`` as the moment nearest the settlement day: at the turn of a year it may lie in the other one."""
    candidates = []
    for year in (settled_on.year - 1, settled_on.year, settled_on.year + 1):
        try:
            candidates.append(datetime.strptime(f"{year}{text}", "%Y%m%d%H%M%S"))  # noqa: DTZ007 - local time
        except ValueError:
            continue
    if not re.fullmatch(r"\d{10}", text, re.ASCII) or not candidates:
        raise Refused(f"{name} line {number}: {text!r} is no time of the form MMDDhhmmss; fetch it again")
    nearest = min(candidates, key=lambda moment: abs((moment.date() - settled_on).days))
    return nearest.strftime("%Y-%m-%d %H:%M:%S")
