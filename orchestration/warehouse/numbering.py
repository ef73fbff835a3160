"""Where each record of a CSV file begins, for the files in which position and line differ.

Most files need none of this: one record a line, nothing rejected. Only a file with blank lines, line breaks inside
quotes or rejected records is walked through here, and only its lines are counted; no cell is read.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

READ_BYTES = 1 << 20
QUOTE = b'"'


class OpenQuoteError(Exception):
    """The file ends inside a quoted cell, so everything from ``line`` on is one record that never ends."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class Start(NamedTuple):
    """Line (from 1) and byte offset (from 0) at which a record begins."""

    line: int
    offset: int


def unpacked(path: Path) -> BinaryIO:
    """The file's own bytes, also where it is stored compressed."""
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def line_count(path: Path) -> int:
    """Lines of the file, the last one also when it does not end in a line break."""
    count, last = 0, b"\n"
    with unpacked(path) as file:
        while block := file.read(READ_BYTES):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def record_starts(path: Path, skip: int, delimiter: str) -> Iterator[Start]:
    """The records behind the first ``skip`` lines; blank lines between records are none. Raises OpenQuoteError."""
    split = delimiter.encode()
    offset, opened, quoted = 0, 0, False
    with unpacked(path) as file:
        for number, line in enumerate(file, start=1):
            if number > skip:
                bare = line.rstrip(b"\r\n")
                if not quoted and bare:
                    yield Start(number, offset)
                if QUOTE in line:
                    before, quoted = quoted, _is_open(bare, split, quoted=quoted)
                    opened = number if quoted and not before else opened
            offset += len(line)
    if quoted:
        raise OpenQuoteError(opened)


def _is_open(line: bytes, delimiter: bytes, *, quoted: bool) -> bool:
    """Whether a quoted cell goes on past the end of this line. A quote opens a cell only at its start."""
    place, size = 0, len(line)
    while place <= size:
        if quoted:
            end = line.find(QUOTE, place)
            if end < 0:
                return True
            if line[end + 1 : end + 2] == QUOTE:
                place = end + 2
                continue
            quoted = False
            place = end + 1
        elif line[place : place + 1] == QUOTE:
            quoted = True
            place += 1
            continue
        following = line.find(delimiter, place)
        if following < 0:
            return False
        place = following + len(delimiter)
    return quoted
