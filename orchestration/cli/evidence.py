"""``tieout export evidence``: all that proves a period, in one file."""

import sys
from datetime import date, timedelta
from pathlib import Path

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.export import free_name
from orchestration.cli.snapshot import opened
from orchestration.cli.statement import origin, range_of
from orchestration.settings import load
from orchestration.warehouse.ledger import read_ledger
from orchestration.warehouse.statements import NoStatements, Range, newest_month


def export_evidence(
    config: Path, period: str | None, days: tuple[str | None, str | None], output: Path | None, *, with_originals: bool
) -> int:
    """Writes the zip; says where it is, what is in it, and the digest that stands for all of it."""
    from orchestration.cli.run import parse_day
    from orchestration.reports.evidence import write_evidence

    settings = load(config)
    if period is not None and any(days):
        raise UsageError("--period names days already: give it or --from and --to")
    first, last = parse_day("--from", days[0]), parse_day("--to", days[1])
    if output is not None and output.suffix.lower() != ".zip":
        raise UsageError(f"--output {output}: evidence is a .zip file; give it that ending")
    try:
        with opened(settings.data_dir, settings.timezone.key, fenced=False) as snapshot:
            chosen = of_period(period) if period else range_of(newest_month(snapshot), first, last)
            made = origin(snapshot, settings, read_ledger(settings.data_dir)[-1])
            path = output or free_name(settings, f"evidence-{chosen.first}-{chosen.last}", ".zip")
            pack = write_evidence(snapshot, settings.data_dir, path, (made, chosen), with_originals=with_originals)
    except NoStatements as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"--output {error.filename}: cannot be written ({error.strerror}); choose another") from error
    originals = "with originals" if with_originals else "digests only, rule tables in full; --with-originals adds them"
    sys.stdout.write(
        f"{len(pack.tables)} tables, {sum(one.rows for one in pack.tables):,} rows, {pack.files} received files"
        f" ({originals}): {pack.path}\nSHA-256 of MANIFEST.sha256: {pack.digest}\n"
    )
    return DONE


def of_period(period: str) -> Range:
    """The days of a month, ``2026-10``, or a quarter, ``2026Q4``."""
    from orchestration.proof import months_of

    try:
        months = [date.fromisoformat(f"{month}-01") for month in months_of(period)]
    except ValueError as error:
        raise UsageError(f"--period {error}") from error
    after = (months[-1] + timedelta(days=31)).replace(day=1)
    return Range(months[0], after - timedelta(days=1))
