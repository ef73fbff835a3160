"""The report file of one run: the same figures as on the screen, in Markdown."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from orchestration.reports.figures import Figures
from orchestration.warehouse.heads import Heads


@dataclass(frozen=True, slots=True)
class RunLine:
    """What a report says about its run."""

    run_id: str
    as_of: datetime
    first: date
    last: date
    snapshot: Path
    heads: Heads | None = None


def money(amount: Decimal) -> str:
    """Two places, thousands grouped."""
    return f"{amount:,.2f}"


def share(value: Decimal | None) -> str:
    """A percentage, or a dash where there is nothing to share."""
    return "–" if value is None else f"{value * 100:.2f} %"


def render(run: RunLine, figures: Figures) -> str:
    """The report as Markdown text."""
    sections = [
        f"# Tieout {run.first} – {run.last}",
        f"Run `{run.run_id}`, as of {run.as_of.isoformat()}.",
        "## What agrees",
        _table(
            ("Level", "Currency", "Matches", "Amount", "Differing", "Difference"),
            [
                (a.level, a.currency, f"{a.matches:,}", money(a.amount), f"{a.differing:,}", money(a.difference))
                for a in figures.agreeing
            ],
        ),
        _table(
            ("Level", "Currency", "Matched by count", "Matched by money"),
            [(r.level, r.currency, share(r.by_count), share(r.by_money)) for r in figures.rates],
        ),
        "## What waits",
        _table(
            ("Code", "Name", "Level", "Currency", "Items", "Amount", "Next due"),
            [
                (w.code, w.name, w.level, w.currency, f"{w.items:,}", money(w.amount), w.breaks_on or "–")
                for w in figures.waiting
            ],
        ),
        "## What is broken",
        _table(
            ("Code", "Name", "Severity", "Currency", "Items", "Amount"),
            [(b.code, b.name, b.severity, b.currency, f"{b.items:,}", money(b.amount)) for b in figures.broken],
        ),
        f"Open items: {figures.open_items:,}, {money(figures.open_amount)}.",
        "## Incomplete sources",
        _table(
            ("Day", "Account", "Code", "Why"), [(str(i.day or "–"), i.place, i.code, i.why) for i in figures.incomplete]
        ),
        *(("## To be noted outside", head_lines(run.heads)) if run.heads else ()),
        "## Where to look next",
        "\n".join(f"- {line}" for line in next_steps(run.snapshot)),
    ]
    return "\n\n".join(sections) + "\n"


def head_lines(heads: Heads) -> str:
    """The hashes that show later, with ``tieout verify --head``, that nothing up to this run was changed."""
    told = (("run ledger", heads.ledger), ("manifest", heads.manifest), ("decisions", heads.decisions))
    return "\n".join(f"- {chain} `{head}`" for chain, head in told if head)


def next_steps(snapshot: Path) -> tuple[str, ...]:
    """Where the figures can be followed."""
    return (
        f"`{snapshot}` opens read-only in DuckDB or any BI tool, schema `marts`",
        "`tieout export exceptions` writes the worklist of open exceptions, to be filled in with Excel",
        "`tieout query \"select * from exceptions where status not in ('timing', 'cleared') order by amount desc\"`",
        "`tieout order NO` shows one order's whole money trail",
        "`tieout dev` opens the Dagster UI with this run",
    )


def write_report(data_dir: Path, run: RunLine, figures: Figures) -> Path:
    """Writes ``reports/<run_id>.md``, whole or not at all."""
    path = data_dir / "reports" / f"{run.run_id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(render(run, figures), encoding="utf-8")
    fresh.replace(path)
    return path


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    if not body:
        return "Nothing."
    return "\n".join([f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}", *body])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
