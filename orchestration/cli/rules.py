"""``tieout rules``: what another rule table would change, and how it comes into force."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from orchestration.cli.edge import DONE, UsageError
from orchestration.settings import RULE_COLUMNS, Settings, load
from orchestration.settings.rules import check_rules

if TYPE_CHECKING:
    from orchestration.reports.trial import Trial

SHOWN: Final = 10


def table_of_file(file: Path, table: str | None) -> str:
    """The rule table that a file is; raises UsageError where neither its name nor ``--table`` says so."""
    if not file.is_file():
        raise UsageError(f"{file} is no file: name a rule table as CSV, such as fee_rules.csv")
    found = table or file.stem
    if found not in RULE_COLUMNS:
        raise UsageError(
            f"{found} is no rule table: name the file like one, or give --table; allowed are {', '.join(RULE_COLUMNS)}"
        )
    check_rules(found, file)
    return found


def try_rules(config: Path, file: Path, table: str | None, output: Path | None) -> int:
    """Replays the whole history with the table of ``file``, shows what changes, and leaves everything as it was."""
    from orchestration.reports.trial import try_tables
    from orchestration.reports.trial_files import ENDINGS, write_trial
    from orchestration.warehouse import Warehouse
    from orchestration.warehouse.ledger import code_version, last_run
    from orchestration.warehouse.publish import snapshot_path
    from orchestration.warehouse.replay import replayed

    settings = load(config)
    name = table_of_file(file, table)
    if output is not None and output.suffix.lower() not in ENDINGS:
        raise UsageError(f"--output {output}: allowed endings are {' and '.join(ENDINGS)}")
    run = last_run(settings.data_dir)
    if run is None:
        raise UsageError(f"nothing is published yet below {settings.data_dir}: run tieout run first")
    if run.code_version != code_version():
        sys.stderr.write(
            "tieout: the published tables were made by another version of the programs; "
            "say tieout run first, or differences of the programs show as well\n"
        )
    entries = int(run.inputs.get("archive_sequence", 0)) or None
    moment = datetime.fromisoformat(run.as_of).astimezone(settings.timezone)
    with replayed(settings, moment, entries=entries, rules={name: file.read_bytes()}) as shadow:
        trial = try_tables(name, snapshot_path(settings), Warehouse(shadow).path)
    _show(trial, settings)
    if output is not None:
        sys.stdout.write(f"everything: {write_trial(trial, output)}\n")
    sys.stdout.write(f"next: tieout rules propose {file} --as NAME\n")
    return DONE


def propose(config: Path, file: Path, table: str | None, name: str, note: str | None) -> int:
    """Propose the whole table; says row by row what would change, and by which number somebody else approves it."""
    from orchestration.decisions import changes, propose_rules
    from orchestration.lib.clock import machine_now

    settings = load(config)
    event = propose_rules(settings, name, table_of_file(file, table), file, note, machine_now)
    told = changes(settings, event)
    sys.stdout.write(f"proposed {event.decision_id} rules of {event.facts['rule_table']}\n")
    for line in told[:SHOWN]:
        sys.stdout.write(f"  {line}\n")
    if len(told) > SHOWN:
        sys.stdout.write(f"  and {len(told) - SHOWN} more rows\n")
    sys.stdout.write(
        f"next: tieout rules try {file}; somebody else says tieout approve {event.decision_id} --as NAME; "
        "then tieout run\n"
    )
    return DONE


def _show(trial: "Trial", settings: Settings) -> None:
    from orchestration.cli.tables import console, table_of

    screen = console()
    if trial.changes_nothing:
        screen.print(f"{trial.table}: no table would change")
        return
    screen.print(f"{trial.table}: what would change, in {settings.base_currency} and other currencies as named")
    parts: Sequence[tuple[str, Sequence[Mapping[str, Any]]]] = (
        ("Matches", trial.matches_by_level),
        ("Exceptions", trial.exceptions_by_code),
        ("Money by month", [row for row in trial.money if _differs(row)]),
        (f"Charges checked against rules: {len(trial.fees)} change", trial.fees[:SHOWN]),
        ("Approved decisions that would not hold any more", trial.conflicts[:SHOWN]),
        ("Months touched", trial.periods),
    )
    for title, rows in parts:
        if rows:
            screen.print(table_of(list(rows[0]), rows, title))
    for kind, count in (("charges", len(trial.fees)), ("decisions", len(trial.conflicts))):
        if count > SHOWN:
            screen.print(f"{count - SHOWN} more {kind}: give --output FILE.xlsx to see all")
    closed = [f"{row['entity']} {row['period']}" for row in trial.periods if row["is_closed"]]
    if closed:
        screen.print(f"signed months would change: {', '.join(closed)}", style="bold red")


def _differs(row: Mapping[str, Any]) -> bool:
    names = ("matched_amount", "difference", "exception_amount")
    return any(row[f"{name}_before"] != row[f"{name}_after"] for name in names)
