"""``tieout init``: something to start from, its rules approved by the first two people."""

import sys
from pathlib import Path

from orchestration.cli.edge import DONE
from orchestration.settings import init_files, load


def start(folder: Path) -> int:
    """Writes what is not there yet, and says what to do next."""
    from orchestration.decisions import DecisionError, found
    from orchestration.lib.clock import machine_now

    written = init_files(folder)
    for path in written or ():
        sys.stdout.write(f"wrote {path}\n")
    settings = load(written[0])
    try:
        tables = found(settings, machine_now)
    except DecisionError as error:
        sys.stderr.write(f"tieout: no rule table is approved, each counts as it is first received: {error}\n")
        tables = ()
    if tables:
        sys.stdout.write(
            f"approved {len(tables)} rule tables by the first two people of rules/people.csv; "
            f"their private keys lie on this machine, in {settings.data_dir / 'keys' / 'people'}\n"
        )
    sys.stdout.write(f"next: fill in {folder / 'tieout.toml'}, put files into {folder / 'inbox'}\n")
    sys.stdout.write("then: tieout doctor, tieout run\n")
    return DONE
