"""Reading camt.052/053/054 of any version, element by element.

Names are compared without their namespace, because versions and banks differ in it. No external or internal
entity is ever expanded: a document with a DOCTYPE is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lxml import etree

from connectors.core.text import DAMAGED, Refused, opened

Kind = Literal["052", "053", "054"]
DOCUMENTS: dict[str, Kind] = {
    "BkToCstmrAcctRpt": "052",
    "BkToCstmrStmt": "053",
    "BkToCstmrDbtCdtNtfctn": "054",
}
STATEMENTS = {"Rpt", "Stmt", "Ntfctn"}
TRUE = {"true", "1"}
NO_REFERENCE = {"", "NOTPROVIDED", "NONREF", "NONE", "0"}
Element = etree._Element  # noqa: SLF001 - lxml's own name for the type of every element


@dataclass(frozen=True, slots=True)
class Balance:
    """One balance, signed."""

    code: str
    amount: str
    is_debit: bool
    currency: str
    day: str


@dataclass(slots=True)
class Head:
    """What a statement says above its entries."""

    number: str = ""
    account: str = ""
    currency: str = ""
    created_at: str = ""
    until: str = ""
    balances: list[Balance] = field(default_factory=list)
    stated_count: str | None = None
    stated_in: str | None = None
    stated_out: str | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """One transaction that explains part of an entry."""

    amount: str
    currency: str
    is_debit: bool | None
    references: dict[str, str]
    parties: dict[str, tuple[str, str]]
    remark: str
    creditor_reference: str
    return_reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking. ``is_debit`` is the booked direction, also for a reversal."""

    amount: str
    currency: str
    is_debit: bool
    is_reversal: bool
    status: str
    booked_at: str
    value_date: str
    servicer_reference: str
    entry_reference: str
    bank_code: str
    information: str
    batch_count: str
    batch_reference: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """A statement begins; its head fills while it is read and is complete at its End."""

    kind: Kind
    head: Head


@dataclass(frozen=True, slots=True)
class End:
    """The statement is over."""

    head: Head


def events(path: Path, name: str) -> Iterator[Begin | Entry | End]:
    """Yield statements and entries in document order with constant memory; refuse what is no camt document."""
    found = False
    with opened(path) as stream:
        steps = etree.iterparse(
            stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            for event in _walk(steps, name):
                found = True
                yield event
        except etree.XMLSyntaxError as error:
            raise Refused(f"{name} is no well-formed XML (line {error.lineno}); fetch it again") from None
        except DAMAGED:
            raise Refused(f"{name} is cut off or damaged inside its compression; fetch it again") from None
    if not found:
        raise Refused(f"{name} holds no bank statement; allowed is camt.053 (end-of-day statement)")


def _walk(steps: Iterable[tuple[str, Element]], name: str) -> Iterator[Begin | Entry | End]:
    head: Head | None = None
    for step, element in steps:
        tag, parent = local(element), element.getparent()
        above = "" if parent is None else local(parent)
        if step == "start" and parent is None:
            _refuse_doctype(element, name)
        elif step == "start" and tag in STATEMENTS and above in DOCUMENTS:
            head = Head()
            yield Begin(DOCUMENTS[above], head)
        elif step == "end" and head is not None and above in STATEMENTS:
            if tag == "Ntry":
                yield read_entry(element)
            else:
                _read_head(head, tag, element)
            _forget(element)
        elif step == "end" and head is not None and above in DOCUMENTS and tag in STATEMENTS:
            yield End(head)
            head = None
            _forget(element)


def _refuse_doctype(root: Element, name: str) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(f"{name} carries a DOCTYPE, which no bank's statement needs; ask the bank for a plain file")


def _forget(element: Element) -> None:
    parent = element.getparent()
    element.clear()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local(element: Element) -> str:
    """The element's name without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def find(element: Element | None, path: str) -> Element | None:
    """The first element at a path of local names, each a direct child of the one before."""
    for step in path.split("/"):
        element = next((child for child in element if local(child) == step), None) if element is not None else None
    return element


def every(element: Element | None, path: str) -> list[Element]:
    """All elements at a path of local names."""
    level = [] if element is None else [element]
    for step in path.split("/"):
        level = [child for parent in level for child in parent if local(child) == step]
    return level


def text(element: Element | None, *paths: str) -> str:
    """The text at the first path that has any; empty otherwise."""
    for path in paths:
        found = find(element, path)
        if found is not None and found.text and found.text.strip():
            return " ".join(found.text.split())
    return ""


def _read_head(head: Head, tag: str, element: Element) -> None:
    if tag == "Id":
        head.number = " ".join((element.text or "").split())
    elif tag == "CreDtTm":
        head.created_at = (element.text or "").strip()
    elif tag == "FrToDt":
        head.until = text(element, "ToDtTm", "ToDt")
    elif tag == "Acct":
        head.account = text(element, "Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN")
        head.currency = text(element, "Ccy")
    elif tag == "Bal":
        head.balances.append(_balance(element))
    elif tag == "TxsSummry":
        sides = [text(element, f"{side}/NbOfNtries") for side in ("TtlCdtNtries", "TtlDbtNtries")]
        both = str(sum(map(int, sides))) if all(side.isdecimal() for side in sides) else None
        head.stated_count = text(element, "TtlNtries/NbOfNtries") or both
        head.stated_in = text(element, "TtlCdtNtries/Sum") or None
        head.stated_out = text(element, "TtlDbtNtries/Sum") or None


def _balance(element: Element) -> Balance:
    amount = find(element, "Amt")
    return Balance(
        code=text(element, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"),
        amount=text(element, "Amt"),
        is_debit=text(element, "CdtDbtInd") == "DBIT",
        currency="" if amount is None else amount.get("Ccy", ""),
        day=text(element, "Dt/Dt", "Dt/DtTm")[:10],
    )


def read_entry(element: Element) -> Entry:
    """One ``Ntry`` with its details."""
    amount = find(element, "Amt")
    code = "/".join(
        filter(None, (text(element, f"BkTxCd/Domn/{step}") for step in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")))
    )
    counts = [text(batch, "NbOfTxs") for batch in every(element, "NtryDtls/Btch")]
    batches = every(element, "NtryDtls/Btch")
    return Entry(
        amount=text(element, "Amt"),
        currency="" if amount is None else amount.get("Ccy", ""),
        is_debit=text(element, "CdtDbtInd") == "DBIT",
        is_reversal=text(element, "RvslInd").lower() in TRUE,
        status=text(element, "Sts/Cd", "Sts/Prtry", "Sts"),
        booked_at=text(element, "BookgDt/Dt", "BookgDt/DtTm"),
        value_date=text(element, "ValDt/Dt", "ValDt/DtTm")[:10],
        servicer_reference=text(element, "AcctSvcrRef"),
        entry_reference=text(element, "NtryRef"),
        bank_code=code or text(element, "BkTxCd/Prtry/Cd"),
        information=text(element, "AddtlNtryInf"),
        batch_count=next(filter(None, counts), ""),
        batch_reference=next(filter(None, (text(batch, "PmtInfId", "MsgId") for batch in batches)), ""),
        details=tuple(_detail(detail) for detail in every(element, "NtryDtls/TxDtls")),
    )


def _detail(element: Element) -> Detail:
    amount = find(element, "Amt")
    if amount is None:
        amount = find(element, "AmtDtls/TxAmt/Amt")
    direction = text(element, "CdtDbtInd")
    names = {"end_to_end_id": "EndToEndId", "tx_id": "TxId", "instruction_id": "InstrId", "mandate_id": "MndtId",
             "uetr": "UETR", "servicer_reference": "AcctSvcrRef"}  # fmt: skip
    free = [" ".join((line.text or "").split()) for line in every(element, "RmtInf/Ustrd")]
    return Detail(
        amount="" if amount is None else (amount.text or "").strip(),
        currency="" if amount is None else amount.get("Ccy", ""),
        is_debit=None if not direction else direction == "DBIT",
        references={ours: text(element, f"Refs/{theirs}") for ours, theirs in names.items()},
        parties={role: _party(element, role) for role in ("Dbtr", "Cdtr")},
        remark=" ".join(filter(None, [*free, text(element, "AddtlTxInf")])),
        creditor_reference=text(element, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef"),
        return_reason=text(element, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd"),
    )


def _party(element: Element, role: str) -> tuple[str, str]:
    """(name, account) of a party; later versions wrap it in ``Pty``."""
    name = text(element, f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Nm",
                f"RltdPties/Ultmt{role}/Pty/Nm", f"RltdPties/Ultmt{role}/Nm")  # fmt: skip
    account = text(element, f"RltdPties/{role}Acct/Id/IBAN", f"RltdPties/{role}Acct/Id/Othr/Id")
    return name, account
