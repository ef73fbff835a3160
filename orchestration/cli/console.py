"""What a person sees while a run works, and after it. Figures come from ``orchestration.reports``."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from orchestration.reports.figures import Figures
from orchestration.reports.markdown import RunLine, money, share


class Bars:
    """Progress bars on stderr; on something that is no terminal, one line per finished piece of work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def begin(self, work: str, total: int | None = None) -> None:
        """A piece of work starts."""
        if work not in self._tasks:
            self._tasks[work] = self._progress.add_task(work, total=total, detail="")
        elif total is not None:
            self._progress.update(self._tasks[work], total=total)

    def advance(self, work: str, detail: str = "", steps: int = 1) -> None:
        """Some steps of it are done."""
        self.begin(work)
        self._progress.update(self._tasks[work], advance=steps, detail=detail)

    def end(self, work: str) -> None:
        """It is done."""
        self.begin(work)
        task = next(task for task in self._progress.tasks if task.id == self._tasks[work])
        total = task.completed or 1
        self._progress.update(self._tasks[work], total=total, completed=total, detail="")
        if not self._progress.console.is_terminal:
            self._progress.console.print(f"{work}: done in {task.finished_time or 0:.1f} s")


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars for the length of a block."""
    console = Console(file=sys.stderr)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<9}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield Bars(progress)


def show_figures(run: RunLine, figures: Figures, report: Mapping[str, Path]) -> None:
    """The final tables: what agrees, what waits, what is broken, what is incomplete, where to look."""
    console = Console()
    tables = (_agreeing(figures), _waiting(figures), _broken(figures), _incomplete(figures))
    console.print()
    console.print(
        Text.assemble(
            ("Tieout 账平 ", "bold"), f"{run.first} – {run.last}, as of {run.as_of.isoformat(timespec='minutes')}"
        )
    )
    for table in tables:
        if table.row_count:
            console.print(table)
    if not figures.broken:
        console.print("Nothing is broken.", style="green")
    console.print(f"Open items: {figures.open_items:,}, {money(figures.open_amount)}")
    console.print()
    _where_next(console, run, report)


def _table(title: str, style: str, texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """Texts first, then numbers, which are never cut."""
    table = Table(title=title, title_justify="left", title_style=style, box=box.SIMPLE_HEAD, pad_edge=False)
    table.padding = (0, 1, 0, 0)
    for name in texts:
        table.add_column(name, overflow="fold", no_wrap=name == "level")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _amount(amount: Decimal, currency: str) -> str:
    return f"{money(amount)} {currency}"


def _agreeing(figures: Figures) -> Table:
    numbers = ("matches", "amount", "by count", "by money", "differ by")
    table = _table("What agrees", "bold green", ("level",), numbers)
    rates = {(rate.level, rate.currency): rate for rate in figures.rates}
    for line in figures.agreeing:
        rate = rates.get((line.level, line.currency))
        differing = f"{line.differing:,}: {money(line.difference)}" if line.differing else "–"
        counts = (f"{line.matches:,}", _amount(line.amount, line.currency))
        shares = (share(rate.by_count if rate else None), share(rate.by_money if rate else None))
        table.add_row(line.level, *counts, *shares, differing)
    return table


def _waiting(figures: Figures) -> Table:
    table = _table("What waits (inside its allowed time)", "bold yellow", ("code", "what"), ("items", "amount"))
    table.add_column("breaks from")
    for line in figures.waiting:
        due = (line.breaks_on or "–")[:16]
        table.add_row(line.code, line.name, f"{line.items:,}", _amount(line.amount, line.currency), due)
    return table


def _broken(figures: Figures) -> Table:
    table = _table("What is broken", "bold red", ("code", "what", "severity"), ("items", "amount"))
    for line in figures.broken:
        table.add_row(line.code, line.name, line.severity, f"{line.items:,}", _amount(line.amount, line.currency))
    return table


def _incomplete(figures: Figures) -> Table:
    table = _table("Incomplete sources", "bold magenta", ("day", "account", "code", "why"), ())
    for line in figures.incomplete:
        table.add_row(str(line.day or "–"), line.place, line.code, line.why)
    return table


def _where_next(console: Console, run: RunLine, report: Mapping[str, Path]) -> None:
    steps = Table(title="Where to look next", title_justify="left", title_style="bold", box=None, show_header=False)
    steps.add_column(no_wrap=True)
    steps.add_column(overflow="fold")
    for name, path in report.items():
        steps.add_row(name, str(path))
    steps.add_row("snapshot", f"{run.snapshot} (schema marts, any DuckDB client)")
    steps.add_row("worklist", "tieout export exceptions, then fill it in with Excel")
    steps.add_row("one order", "tieout order NO")
    steps.add_row("this run", "tieout dev, then http://127.0.0.1:3000")
    if run.heads is not None:
        steps.add_row("ledger hash", run.heads.ledger)
        if run.heads.decisions:
            steps.add_row("decisions hash", run.heads.decisions)
        steps.add_row("note them", "tieout verify --head HASH shows later that nothing up to here was changed")
    console.print(steps)
