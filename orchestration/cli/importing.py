"""``tieout import``: a filled-in worklist becomes proposals of the person who brings it."""

import sys
from pathlib import Path

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.export import free_name
from orchestration.cli.snapshot import opened
from orchestration.settings import load


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
