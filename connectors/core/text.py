"""Text as exports write it: encodings, protected ids, headings, amounts. No file layout is known here."""

import codecs
import gzip
import io
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from gzip import BadGzipFile
from pathlib import Path
from typing import IO, BinaryIO, cast

AMOUNT = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]+)?")
PROTECTIONS = frozenset("`'=")
CHUNK_BYTES = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030")
DAMAGED = (EOFError, BadGzipFile, zlib.error)
"""What reading a compressed file raises when it is cut off or damaged."""
OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Refused(Exception):  # noqa: N818 - it is a verdict on a file, not a failure of ours
    """A file that is refused whole; its text is the reason, a full sentence."""


def clean(cell: str) -> str:
    """A cell without what exports wrap around ids: tabs and blanks, a backtick, an apostrophe, ``="…"``."""
    cell = cell.strip()
    if cell[:1] not in PROTECTIONS:
        return cell
    if cell.startswith('="') and cell.endswith('"') and len(cell) > len('="'):
        return cell[2:-1].strip()
    return cell if cell[0] == "=" else cell[1:].strip()


def heading(cell: str) -> str:
    """A heading in the one form used for comparing: half-width brackets, no blanks, no marks around it."""
    return "".join(unicodedata.normalize("NFKC", clean(cell)).split())


@lru_cache(maxsize=65_536)
def amount(text: str) -> Decimal | None:
    """Exact decimal of a plain amount; None for anything else, exponents and separators included."""
    return Decimal(text) if AMOUNT.fullmatch(text) else None


def plain(value: Decimal) -> str:
    """Decimal text without exponent, with the digits it has; never ``-0``."""
    return format(value or abs(value), "f")


def money(value: Decimal) -> str:
    """Like :func:`plain`, with at least two decimals."""
    exponent = value.as_tuple().exponent
    two_places = -2
    if isinstance(exponent, int) and exponent > two_places:
        return plain(value + Decimal("0.00"))
    return plain(value)


def opened(path: Path) -> BinaryIO:
    """The file's bytes, unzipped when they are gzip, whatever its name says."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb") if zipped else path.open("rb"))


def whole_file(path: Path, name: str) -> bytes:
    """All of the file's bytes, unzipped when they are gzip; refused when they are cut off."""
    try:
        with opened(path) as stream:
            return stream.read()
    except DAMAGED as error:
        raise Refused(f"{name} is cut off or damaged inside its compression; fetch it again") from error


def western(body: bytes, encodings: Iterable[str] = ("utf-8-sig", "cp1252")) -> str:
    """The text in the first encoding that fits every byte; Latin-1 fits them all."""
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def encoding_of(open_bytes: Callable[[], IO[bytes]], name: str) -> str:
    """UTF-8 (with or without BOM) when every byte is, else GB18030 when every byte is; reads all of it, keeps none."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        with open_bytes() as stream:
            try:
                first = True
                while chunk := stream.read(CHUNK_BYTES):
                    if first and chunk.startswith(OTHER_MARKS):
                        raise Refused(
                            f"{name} is UTF-16 text; allowed: UTF-8 or GB18030, so save it again as one of them"
                        )
                    first = False
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            except DAMAGED as error:
                raise Refused(f"{name} is cut off or damaged inside its compression; fetch it again") from error
            return encoding
    raise Refused(f"{name} is neither UTF-8 nor GB18030 text; save it again as one of them")


def text_lines(open_bytes: Callable[[], IO[bytes]], encoding: str) -> io.TextIOWrapper:
    """The text, split at line feeds only: a carriage return inside a cell is no new line."""
    return io.TextIOWrapper(cast("BinaryIO", open_bytes()), encoding=encoding, newline="\n")
