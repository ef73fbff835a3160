"""Files that appear in ``inbox/<person>/`` beside the settings: each becomes proposals of that person, once.

Nobody's key signs them, so they can only propose; who approves is shown that. The file is kept in the archive, and an
answer lies beside it: what was taken, what not, and why.
"""

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from orchestration.decisions.answer import write_answer
from orchestration.decisions.event import DecisionError
from orchestration.decisions.intake import highest_limit, propose_worklist
from orchestration.decisions.people import people_of
from orchestration.decisions.rules import propose_rules
from orchestration.decisions.signing import FILE_NAME
from orchestration.decisions.store import Now
from orchestration.decisions.template import Line, is_template, propose_template
from orchestration.decisions.worklist import read_worklist
from orchestration.landing import Archive
from orchestration.landing.tables import INBOX, land_file
from orchestration.settings import RULE_COLUMNS, Settings, SettingsError
from orchestration.warehouse.publish import snapshot_path
from orchestration.warehouse.worklist import WorklistError

FOLDER: Final = "inbox"
ANSWER: Final = "-answer"
QUIET_SECONDS: Final = 10.0
"""A file that was written less long ago may still be growing; the next run takes it."""
ENDINGS: Final = frozenset({".csv", ".xlsx"})
FORMULA: Final = tuple("=+-@\t")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: how many proposals, and where its answer lies."""

    person: str
    file: Path
    proposals: int
    refused: int
    answer: Path


def person_folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    """The folders of the people who may decide; one that a connection reads is none."""
    read = {connection.path.resolve() for connection in settings.connections if connection.path is not None}
    for name in sorted(people_of(settings)) if (settings.path.parent / FOLDER).is_dir() else ():
        folder = settings.path.parent / FOLDER / name
        if FILE_NAME.fullmatch(name) and folder.is_dir() and folder.resolve() not in read:
            yield name, folder


def take_inbox(archive: Archive, settings: Settings, today: date, now: Now) -> Sequence[Taken]:
    """Take every file that has come to rest and was not taken before, by its digest."""
    known = {(entry.stream, entry.digest) for entry in archive.entries() if entry.connection == INBOX}
    taken: list[Taken] = []
    for name, folder in person_folders(settings):
        for file in sorted(folder.iterdir()):
            is_file = file.is_file() and file.suffix.lower() in ENDINGS and not file.name.startswith(".")
            if not is_file or ANSWER in file.stem or now().timestamp() - file.stat().st_mtime < QUIET_SECONDS:
                continue
            body = file.read_bytes()
            if (name, hashlib.sha256(body).hexdigest()) in known:
                continue
            # a run that dies in between takes the file again, and the desk refuses what it has heard already
            taken.append(_take(settings, name, file, now))
            land_file(archive, (name, file.name), body, today, now())
    return tuple(taken)


def _take(settings: Settings, name: str, file: Path, now: Now) -> Taken:
    """A file that cannot be read as a whole is answered with that one reason."""
    try:
        if file.stem in RULE_COLUMNS and file.suffix.lower() == ".csv":
            event = propose_rules(settings, name, file.stem, file, None, now, signed=False)
            return _answered(name, file, [Line(0, file.stem, "rules", event.decision_id)])
        if not snapshot_path(settings).exists():
            return _answered(
                name, file, [Line(0, "", "", "", "nothing is published yet: bring it after the first run")]
            )
        if is_template(file):
            return _answered(name, file, propose_template(settings, file, name, now, signed=False))
        with duckdb.connect(str(snapshot_path(settings)), read_only=True) as snapshot:
            snapshot.execute("set TimeZone = $zone", {"zone": settings.timezone.key})
            judged = read_worklist(file, snapshot, highest_limit(settings, name))
        done = propose_worklist(settings, judged, name, now, signed=False)
        answer = write_answer(file, done, file.with_name(f"{file.stem}{ANSWER}.xlsx"))
        return Taken(name, file, len(done.taken), len(done.refused), answer)
    except (DecisionError, SettingsError, WorklistError) as error:
        return _answered(name, file, [Line(0, "", "", "", str(error))])


def _answered(name: str, file: Path, lines: Sequence[Line]) -> Taken:
    answer = write_lines(file.with_name(f"{file.stem}{ANSWER}.csv"), lines)
    refused = sum(bool(line.reason) for line in lines)
    return Taken(name, file, len(lines) - refused, refused, answer)


def write_lines(path: Path, lines: Sequence[Line]) -> Path:
    """The answer to a file of lines, whole or not at all, safe to open in a spreadsheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("line", "key", "action", "result", "decision_id", "reason"))
        for line in lines:
            result = "refused" if line.reason else "taken"
            cells = (str(line.line), line.key, line.action, result, line.decision_id, line.reason)
            writer.writerow([f"'{cell}" if cell[:1] in FORMULA else cell for cell in cells])
    fresh.replace(path)
    return path
