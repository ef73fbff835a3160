"""``tieout import``: a worklist, a decisions file or a rule table becomes proposals of the person who brings it."""

import sys
from pathlib import Path

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.export import free_name
from orchestration.cli.snapshot import opened
from orchestration.settings import RULE_COLUMNS, load


def import_file(config: Path, file: Path, name: str) -> int:
    """Takes in what the file is: a rule table or a decisions file by its name, anything else as a worklist."""
    from orchestration.decisions.template import is_template

    if file.suffix.lower() == ".csv" and file.stem in RULE_COLUMNS:
        from orchestration.cli.rules import propose

        return propose(config, file, None, name, None)
    return import_decisions(config, file, name) if is_template(file) else import_worklist(config, file, name)


def import_decisions(config: Path, file: Path, name: str) -> int:
    """Proposes line by line; the answer file says what was taken, what not, and why."""
    from orchestration.decisions.inbox import write_lines
    from orchestration.decisions.template import propose_template
    from orchestration.lib.clock import machine_now

    if not file.is_file():
        raise UsageError(f"{file} is no file: name a decisions file, as CSV or XLSX")
    settings = load(config)
    if not (settings.data_dir / "published" / "tieout.duckdb").exists():
        raise UsageError(f"nothing is published yet below {settings.data_dir}: run tieout run first")
    lines = propose_template(settings, file, name, machine_now)
    refused = [line for line in lines if line.reason]
    answer = write_lines(free_name(settings, f"{file.stem}-answer", ".csv"), lines)
    sys.stdout.write(f"{len(lines) - len(refused)} rows taken, {len(refused)} refused: {answer}\n")
    for line in refused:
        sys.stderr.write(f"tieout: line {line.line}: {line.reason}\n")
    if len(refused) < len(lines):
        sys.stdout.write("next: somebody else says tieout approve --all --as NAME; then tieout run\n")
    return DONE


def import_worklist(config: Path, file: Path, name: str) -> int:
    """Judges every row, proposes what stands, writes the answer file and says where it is."""
    from orchestration.decisions.answer import write_answer
    from orchestration.decisions.intake import highest_limit, propose_worklist
    from orchestration.decisions.worklist import read_worklist
    from orchestration.lib.clock import machine_now

    if not file.is_file():
        raise UsageError(f"{file} is no file: name a worklist that tieout export exceptions has written")
    settings = load(config)
    limit = highest_limit(settings, name)
    with opened(settings.data_dir, settings.timezone.key, fenced=False) as snapshot:
        judged = read_worklist(file, snapshot, limit)
    done = propose_worklist(settings, judged, name, machine_now)
    answer = write_answer(file, done, free_name(settings, f"{file.stem}-answer"))
    sys.stdout.write(f"{len(done.taken)} rows taken, {len(done.refused)} refused: {answer}\n")
    for row in done.refused:
        sys.stderr.write(f"tieout: {row.sheet} {row.line}: {'; '.join(row.reasons)}\n")
    if done.taken:
        sys.stdout.write("next: somebody else says tieout approve --all --as NAME; then tieout run\n")
    return DONE
