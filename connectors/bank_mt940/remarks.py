"""The free text of a movement (tag 86) in the dialects banks use: who, which account, what for, which reference."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

FULL_LINE = 65
FULL_FIELD = 27
GERMAN = re.compile(r"^\d{3}(?P<mark>[?>])\d{2}")
KEYWORD = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+ ?")
SLASHED = re.compile(
    r"/(EREF|PREF|MARF|CSID|CNTP|REMI|NAME|BENM|ORDP|ADDR|ISDT|PURP|TRTP|IBAN|BIC|RTRN|ULTD|ULTC|INIC|ID|SVCL)/"
)
ACCOUNT_THEN_NAME = re.compile(r"^/(?:BENM|ORDP)/(?P<account>\w+)$")
DUTCH_FREE = re.compile(r"REK: ?(?P<account>[A-Z0-9]+)/NAAM: ?(?P<name>.+)$")
TEXT_FIELDS = (*(f"{number}" for number in range(20, 30)), *(f"{number}" for number in range(60, 64)))


@dataclass(frozen=True, slots=True)
class Remark:
    """What the text says. Empty where it says nothing."""

    text: str = ""
    name: str = ""
    account: str = ""
    reference: str = ""


def remark_of(lines: Sequence[str]) -> Remark:
    """Read the lines of a tag 86."""
    lines = [line for line in lines if line.strip()]
    if not lines:
        return Remark()
    joined = "".join(lines)
    german = GERMAN.match(joined)
    if german:
        return _german(joined, german["mark"])
    if ACCOUNT_THEN_NAME.match(lines[0]):
        return _account_then_name(lines)
    if joined.startswith("/") and SLASHED.match(joined):
        return _slashed(joined)
    return _free(lines)


def _german(text: str, mark: str) -> Remark:
    """``166?00…?20…?32…``: numbered sub-fields, words cut anywhere, keywords of SEPA inside the purpose."""
    parts = re.split(rf"{re.escape(mark)}(\d\d)", text)
    found: dict[str, str] = {}
    for number, content in zip(parts[1::2], parts[2::2], strict=True):
        found[number] = found.get(number, "") + content
    purpose = _joined([found[number] for number in TEXT_FIELDS if number in found], FULL_FIELD)
    words = _keywords(purpose)
    return Remark(
        text=(words.get("SVWZ") or words.get("") or purpose or found.get("00", "")).strip(),
        name=(found.get("32", "") + found.get("33", "")).strip(),
        account=(found.get("31", "") or found.get("38", "") or words.get("IBAN", "")).strip(),
        reference=words.get("EREF", "").strip(),
    )


def _joined(pieces: Sequence[str], full: int) -> str:
    """A full piece was cut wherever it was full; a shorter one ended by itself."""
    text = ""
    for before, piece in zip(("", *pieces), pieces, strict=False):
        text += piece if not text or len(before) >= full else f" {piece}"
    return text


def _keywords(text: str) -> dict[str, str]:
    parts = KEYWORD.split(text)
    return {"": parts[0].strip()} | dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


def _slashed(text: str) -> Remark:
    """``/EREF/…/NAME/…/REMI/…``: codes between slashes; ``/CNTP/account/bank/name/place/`` names the other side."""
    parts = SLASHED.split(text)
    found: dict[str, str] = {}
    for code, content in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(code, content.strip().strip("/").strip())
    account, _, rest = found.get("CNTP", "").partition("/")
    _, _, party = rest.partition("/")
    return Remark(
        text=(found.get("REMI") or found.get("TRTP") or "").strip(),
        name=(found.get("NAME") or party.split("/")[0]).strip(),
        account=(found.get("IBAN") or account).strip(),
        reference=found.get("EREF", ""),
    )


def _account_then_name(lines: Sequence[str]) -> Remark:
    """``/BENM/account`` and, on lines of their own, ``/name`` and what it was for."""
    found = ACCOUNT_THEN_NAME.match(lines[0])
    name = lines[1].lstrip("/").strip() if len(lines) > 1 else ""
    rest = " ".join(line.lstrip("/").strip() for line in lines[2:])
    return Remark(text=rest, name=name, account=found["account"] if found else "")


def _free(lines: Sequence[str]) -> Remark:
    """Anything else, as text."""
    text = _joined(lines, FULL_LINE)
    dutch = DUTCH_FREE.search(text)
    return Remark(
        text=" ".join(text.split()),
        name=dutch["name"].strip() if dutch else "",
        account=dutch["account"] if dutch else "",
    )
