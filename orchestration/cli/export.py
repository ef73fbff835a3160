"""``tieout export``: what is published, as files for people and other programs."""

import sys
from pathlib import Path
from typing import Final

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.snapshot import opened
from orchestration.settings import Settings, load
from orchestration.settings.labels import Language, labels

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")


def export_exceptions(
    config: Path, days: tuple[str | None, str | None], language: str | None, output: Path | None
) -> int:
    """Writes the worklist; says where it is and how many rows each owner has."""
    from orchestration.cli.run import parse_day
    from orchestration.reports.worklist import write_worklist
    from orchestration.warehouse.worklist import origin

    settings = load(config)
    first, last = parse_day("--from", days[0]), parse_day("--to", days[1])
    if first and last and last < first:
        raise UsageError(f"--to {last} is before --from {first}")
    chosen = _language(settings, language)
    if output is not None and output.suffix.lower() != ".xlsx":
        raise UsageError(f"--output {output}: a worklist is an .xlsx file; give it that ending")
    try:
        with opened(settings.data_dir, settings.timezone.key, fenced=False) as snapshot:
            path = output or free_name(settings, f"exceptions-{origin(snapshot).as_of:%Y-%m-%d}-{chosen}")
            written = write_worklist(snapshot, path, labels(chosen), first, last)
    except OSError as error:
        raise UsageError(f"--output {error.filename}: cannot be written ({error.strerror}); choose another") from error
    owners = ", ".join(f"{owner or '–'} {rows}" for owner, rows in written.rows.items())
    sys.stdout.write(f"{sum(written.rows.values())} open exceptions ({owners or 'none'}): {written.path}\n")
    return DONE


def _language(settings: Settings, asked: str | None) -> Language:
    for language in LANGUAGES:
        if language == (asked or settings.language):
            return language
    raise UsageError(f"--language {asked}: allowed are {' and '.join(LANGUAGES)}")


def free_name(settings: Settings, stem: str, ending: str = ".xlsx") -> Path:
    """A name that no file has yet: an earlier worklist may be half filled in."""
    path, number = settings.data_dir / "reports" / f"{stem}{ending}", 1
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}{ending}")
    return path
