"""Files that someone puts into a folder: finding them, and handing them over as deliveries."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from connectors.core.errors import BadRequest, Unavailable
from connectors.core.protocol import Connection, Delivery, Tools, Window

HIDDEN = (".", "~$")
UNFINISHED = (".tmp", ".part", ".crdownload")
DAY_IN_NAME = re.compile(r"(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")


def matching_files(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Every finished file anywhere below the folder whose name fits a pattern, in a fixed order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.name.startswith(HIDDEN)
        and not path.name.endswith(UNFINISHED)
        and any(_fits(path, folder, pattern.lower()) for pattern in patterns)
    )


def _fits(path: Path, folder: Path, pattern: str) -> bool:
    """A pattern with a slash is about the place below the folder, one without about the name."""
    text = path.relative_to(folder).as_posix() if "/" in pattern else path.name
    return fnmatch(text.lower(), pattern)


def suffix_of(path: Path) -> str:
    """``csv``, ``csv.gz``, ``csv.zip``, ``xml`` …: how the archive names the file's kind."""
    parts = [part.lower() for part in path.name.split(".")[1:]]
    packed = {"gz", "zip"}
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-1] in packed else (parts[-1] if parts else "bin")


def day_in_name(name: str) -> date | None:
    """The day a file name carries, as 2026-10-01 or 20261001."""
    found = DAY_IN_NAME.search(name)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def folder_of(connection: Connection) -> Path:
    """The connection's folder, which must exist: a missing mount must not look like a quiet day."""
    if connection.path is None:
        raise BadRequest(f"connection {connection.name} has no path; set the folder its files arrive in")
    if not connection.path.is_dir():
        raise Unavailable(f"the folder of connection {connection.name} does not exist; create it or correct its path")
    return connection.path


def delivered_files(
    connection: Connection, tools: Tools, patterns: Sequence[str], *, window: Window | None = None
) -> Iterator[Delivery]:
    """Hand over each file; with a window, only those whose name carries no day outside it.

    A file that grows while it is read is left for the next time.
    """
    folder = folder_of(connection)
    today = tools.now().astimezone(connection.timezone).date()
    for path in matching_files(folder, patterns):
        day = today
        if window is not None:
            named = day_in_name(path.name)
            first, last = (moment.astimezone(connection.timezone).date() for moment in (window.start, window.end))
            if named is not None and not first <= named < last:
                continue
            day = named or today
        try:
            size = path.stat().st_size
            body = path.read_bytes()
        except OSError as error:
            raise Unavailable(f"a file in the folder of connection {connection.name} cannot be read") from error
        if len(body) != size or path.stat().st_size != size:
            continue
        yield Delivery(
            body=body,
            suffix=suffix_of(path),
            day=day,
            window=None,
            request={"file": path.relative_to(folder).as_posix()},
            name=path.name,
        )
