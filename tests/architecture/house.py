"""What the architecture tests look at: the files of this project, and the parsed dbt project."""

import os
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.core.registry import NAMES

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt_project" / "models"
SKIPPED = {".venv", ".git", "__pycache__", "data", "target", "logs", "build"}


def project_files(*suffixes: str) -> list[Path]:
    """Every file of the project that git keeps or would keep; without git, every file that no run made."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode == 0:
        found: Iterator[Path] = (ROOT / os.fsdecode(name) for name in asked.stdout.split(b"\0") if name)
    else:
        found = (path for path in ROOT.rglob("*") if not SKIPPED & set(path.relative_to(ROOT).parts))
    return sorted({path for path in found if path.is_file() and (not suffixes or path.suffix in suffixes)})


def models() -> list[Path]:
    return sorted(MODELS.rglob("*.sql"))


def dbt(folder: Path, *command: str, manifest: Any = None) -> Any:
    """What a dbt command gives for the whole project, with every source configured; it writes to the folder only."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - dbt costs a second that the other tests need not pay

    before = dict(os.environ)
    os.environ |= {"TIEOUT_SOURCES": ",".join(NAMES), "TIEOUT_WAREHOUSE": str(folder / "tieout.duckdb")}
    project = str(ROOT / "dbt_project")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ran = dbtRunner(manifest=manifest).invoke(
                [
                    *("--quiet", *command, "--project-dir", project, "--profiles-dir", project),
                    *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
                ]
            )
    finally:
        os.environ.clear()
        os.environ |= before
    assert ran.success, f"dbt {command[0]} fails: {ran.exception}"
    return ran.result
