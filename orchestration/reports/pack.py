"""All files of one run's report: Markdown, a page, a workbook, and a worklist for each owner.

A file that cannot be written takes no other with it; what was published stays published.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from orchestration.reports.daily import SHOWN_DAYS, DailyFacts, read_daily
from orchestration.reports.figures import Figures
from orchestration.reports.markdown import RunLine, write_report
from orchestration.reports.sections import sections, word
from orchestration.settings import Settings
from orchestration.settings.labels import labels

PAGE: Final = "report.html"
WORKBOOK: Final = "report.xlsx"
STEPS: Final = ("snapshot", "order", "run")


@dataclass(slots=True)
class Pack:
    """What was written, by what it is, and what could not be, with the reason."""

    files: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def attempt(self, name: str, write: Callable[[], Path]) -> None:
        """Writes one file, or keeps why not."""
        try:
            self.files[name] = write()
        except Exception as error:  # noqa: BLE001 - a report, whatever fails in it, never takes a publication back
            self.failed[name] = f"{type(error).__name__}: {error}"


def report_folder(data_dir: Path, run_id: str) -> Path:
    """Where the page and the workbooks of a run lie."""
    return data_dir / "reports" / run_id


def report_files(data_dir: Path, run_id: str) -> Mapping[str, Path]:
    """The files of a run's report that are there, by the names that people read."""
    folder = report_folder(data_dir, run_id)
    files = {
        "report": folder / PAGE,
        "as Excel": folder / WORKBOOK,
        "as text": data_dir / "reports" / f"{run_id}.md",
        "by owner": folder,
    }
    return {name: path for name, path in files.items() if path.exists()}


def write_pack(settings: Settings, run: RunLine, figures: Figures) -> Pack:
    """Writes ``reports/<run_id>.md`` and ``reports/<run_id>/…``; each file whole or not at all."""
    from orchestration.reports.page import Page, render_page  # noqa: PLC0415 - only who writes pays for it
    from orchestration.reports.workbook import write_workbook  # noqa: PLC0415 - only who writes pays for it
    from orchestration.reports.worklist import write_worklists  # noqa: PLC0415 - only who writes pays for it

    folder, words = report_folder(settings.data_dir, run.run_id), labels(settings.language)
    pack, owned, facts = Pack(), dict[str, Path](), DailyFacts(run.first, run.last)
    pack.attempt("report", lambda: write_report(settings.data_dir, run, figures))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        facts = read_daily(run.snapshot, run.last)
    except (OSError, duckdb.Error) as error:
        pack.failed["page"] = f"{type(error).__name__}: {error}"
        return pack
    parts = sections(figures, facts, words, settings.base_currency)
    pack.attempt("workbook", lambda: write_workbook(folder / WORKBOOK, run, parts, words, SHOWN_DAYS))

    def write_owned() -> Path:
        with duckdb.connect(str(run.snapshot), read_only=True) as snapshot:
            snapshot.execute("set TimeZone = $zone", {"zone": str(settings.timezone)})
            owned.update(write_worklists(snapshot, folder, words))
        return folder

    pack.attempt("worklists", write_owned)
    steps = [word(words, "step_workbook", file=WORKBOOK)] if "workbook" in pack.files else []
    steps += [
        word(words, "step_owner", owner=words.of("role", owner) or "–", file=path.name) for owner, path in owned.items()
    ]
    steps += [word(words, f"step_{step}", snapshot=run.snapshot) for step in STEPS]
    page = Page(run, figures, facts, parts, settings.base_currency, steps)
    pack.attempt("page", lambda: _write(folder / PAGE, render_page(page, words)))
    return pack


def links(pack: Pack) -> Mapping[str, Path]:
    """The files by name, the page first."""
    order = ("page", "workbook", "worklists", "report")
    return {name: pack.files[name] for name in order if name in pack.files}


def _write(path: Path, text: str) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
    return path
