"""The log of decisions as it was archived, proven without the code that wrote it: chain, signatures, persons.

The rows lie in the archive under ``_decisions``, the table of people under ``_rules``; whoever has both can do this.
"""

import base64
import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from orchestration.landing import Archive
from orchestration.landing.entry import FIRST, canonical
from orchestration.landing.tables import DECISIONS, RULES
from orchestration.proof.finding import Finding

LINK: Final = "decisions"
UNCHANGED: Final = "no decision was changed, removed or slipped in afterwards"
SIGNED: Final = "every decision is signed by its person, for its place in the log"
TWO: Final = "nobody approves his own decision"
LARGEST_CELL: Final = 1 << 26
"""An event about a rule table holds it as a whole."""
Row = Mapping[str, str]


def prove_decisions(archive: Archive) -> Iterator[Finding]:
    """The first break of the chain, then every event that is not its person's own or approves what is one's own."""
    previous, count = FIRST, 0
    keys: dict[str, str] = {}
    makers: dict[str, str] = {}
    for people, row in archived_events(archive):
        if int(row["sequence"]) <= count:
            continue  # archived by two runs at once
        count += 1
        where = f"event {count} ({row['kind']} {row['decision_id']} by {row['person']})"
        if int(row["sequence"]) != count or row["previous_hash"] != previous:
            yield Finding(LINK, UNCHANGED, f"{where} does not name the event before it")
            return
        said = {name: cell for name, cell in row.items() if name not in {"hash", "is_signature_valid"}}
        if hashlib.sha256(canonical({**said, "sequence": count}).encode()).hexdigest() != row["hash"]:
            yield Finding(LINK, UNCHANGED, f"{where} was changed after it was written")
            return
        previous = row["hash"]
        shown = json.loads(row["content"]).get("public_key", "")
        own = people.get(row["person"])
        known = own or (keys.setdefault(row["person"], shown) if shown and own is not None else "")
        is_own = own is not None and known == shown and is_signed(row, shown)
        is_file = own is not None and is_unsigned(row)
        if is_file:
            is_own = False
        elif not is_own:
            yield Finding(LINK, SIGNED, f"{where} is not signed by {row['person']}; it has no effect")
        if ("unsigned" if is_file else str(is_own).lower()) != row["is_signature_valid"]:
            yield Finding(LINK, SIGNED, f"{where} was archived with another word about its signature")
        makers.setdefault(row["decision_id"], row["person"] if row["kind"] == "proposed" else "")
        if row["kind"] == "approved" and makers[row["decision_id"]] == row["person"]:
            yield Finding(LINK, TWO, f"{where} approves what {row['person']} proposed; it has no effect")


def archived_events(archive: Archive) -> Iterator[tuple[Mapping[str, str], Row]]:
    """Every archived event, with the public keys of the people that were in force then."""
    people: dict[str, str] = {}
    csv.field_size_limit(LARGEST_CELL)
    for entry in archive.entries():
        if (entry.connection, entry.stream) == (RULES, "people"):
            text = archive.path_of(entry).read_bytes().decode("utf-8-sig", errors="replace")
            people = {row["person"].strip(): row["public_key"].strip() for row in csv.DictReader(StringIO(text))}
        elif entry.connection == DECISIONS:
            text = archive.path_of(entry).read_text(encoding="utf-8")
            for row in csv.DictReader(StringIO(text, newline="")):
                yield people, row


def is_unsigned(row: Row) -> bool:
    """Whether the event is a proposal that came as a file: it says so, and no key has signed it."""
    return row["kind"] == "proposed" and not row["signature"] and json.loads(row["content"]).get("is_unsigned") is True


def is_signed(row: Row, public: str) -> bool:
    """Whether the owner of this public key signed just this event at just this place."""
    said = {name: cell for name, cell in row.items() if name not in {"hash", "signature", "is_signature_valid"}}
    message = canonical({**said, "sequence": int(row["sequence"])}).encode()
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(row["signature"], validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True
