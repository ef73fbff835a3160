"""What an interface answered, as a file: one JSON document, or a bundle of one a line. The file itself is the part."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.protocol import Connection, Part, Unpack, Unpacked
from connectors.core.text import Refused

RECORD = ("record",)
BUNDLE = "ndjson"
Place = Callable[[Any], str]
"""Where a document's records are, as a JSON path; raises Refused, saying what is wrong, where it is no answer."""


def document_of(path: Path) -> Any:
    """A file's JSON, fractions exact. Raises OSError, ValueError or RecursionError where it is none."""
    return json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)


def beginning(path: Path, length: int) -> bytes:
    """A file's first bytes without the mark of its encoding; empty where it cannot be read."""
    try:
        with path.open("rb") as raw:
            return raw.read(length).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError:
        return b""


def records_at(document: Any, items: str, kinds: tuple[type, ...] = (list, dict)) -> list[dict[str, Any]]:
    """The objects at a path, one by itself as a list of one. Raises Refused where there are none of these kinds."""
    for step in filter(None, items.removeprefix("$").split(".")):
        document = document.get(step) if isinstance(document, dict) else None
    if not isinstance(document, kinds):
        wanted = "list of records" if list in kinds else "record"
        raise Refused(f"is no answer of this API: no {wanted} is at {items or '$'}")
    records = document if isinstance(document, list) else [document]
    if not all(isinstance(record, dict) for record in records):
        raise Refused(f"holds something that is no record at {items or '$'}")
    return records


def at(items: str, *kinds: type, wrong: Callable[[dict[str, Any]], str] | None = None) -> Place:
    """A list of records at a fixed path, or what ``kinds`` allows there.

    ``wrong`` says of a record what refuses the file, or nothing.
    """

    def place(document: Any) -> str:
        for record in records_at(document, items, kinds or (list,)):
            reason = wrong(record) if wrong else ""
            if reason:
                raise Refused(reason)
        return items

    return place


def is_answer(path: Path, place: Place) -> bool:
    """Whether a file is a JSON document with its records there."""
    if path.suffix.lower() != ".json":
        return False
    try:
        place(document_of(path))
    except (OSError, ValueError, RecursionError, Refused):
        return False
    return True


def answers(
    table: str, place: Place, *, is_bundle: bool = False, note: Callable[[dict[str, Any]], str] | None = None
) -> Unpack:
    """How such a file is unpacked: checked to be what it claims and handed on as it is.

    Files that end in ``ndjson`` are bundles, ``is_bundle`` makes all so. ``note`` says of a record what is worth
    showing to a person, or nothing.
    """

    def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
        del workdir, connection
        name, lines, places, notes = name or path.name, is_bundle or suffix == BUNDLE, set(), []
        try:
            with path.open(encoding="utf-8-sig") as text:
                for written in text if lines else [text.read()]:
                    if written.strip():
                        document = json.loads(written, parse_float=Decimal)
                        places.add(items := place(document))
                        notes += [note(record) for record in records_at(document, items)] if note else []
        except (ValueError, RecursionError):
            return Unpacked(refused=f"{name} is no JSON in UTF-8; fetch it again")
        except Refused as refusal:
            return Unpacked(refused=f"{name} {refusal}; fetch it again")
        if len(places) != 1:
            what = "holds answers of several kinds, of which one alone would be read" if places else "is empty"
            return Unpacked(refused=f"{name} {what}; fetch it again")
        [items] = places
        part = Part(table=table, kind="json", path=path, columns=RECORD, first_row=1, items=items, lines=lines)
        return Unpacked(parts=(part,), notes=tuple(filter(None, notes)))

    return unpack
