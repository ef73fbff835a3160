"""``tieout init``: something to start from."""

import sys
from pathlib import Path

from orchestration.cli.edge import DONE
from orchestration.settings import init_files


def start(folder: Path) -> int:
    """Writes what is not there yet, and says what to do next."""
    written = init_files(folder)
    for path in written or ():
        sys.stdout.write(f"wrote {path}\n")
    sys.stdout.write(f"next: fill in {folder / 'tieout.toml'}, put files into {folder / 'inbox'}\n")
    sys.stdout.write("then: tieout doctor, tieout run\n")
    return DONE
