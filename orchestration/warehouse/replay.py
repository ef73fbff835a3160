"""The tables made once more from the archive, in a folder beside the warehouse: as of another moment, by other rules.

The tables are a function of archive, rules, decisions and ``as_of``; here each of them may be another one.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from orchestration.landing import Archive
from orchestration.landing.tables import RULES, land_rules
from orchestration.settings import Settings, hold
from orchestration.warehouse.build import build
from orchestration.warehouse.connect import WarehouseError
from orchestration.warehouse.warehouse import Warehouse

FOLDER: Final = "replay"


@contextmanager
def replayed(
    settings: Settings,
    as_of: datetime,
    *,
    entries: int | None = None,
    rules: Mapping[str, bytes] | None = None,
    name: str = FOLDER,
) -> Iterator[Settings]:
    """Settings whose warehouse was built from the first ``entries`` of the archive (None: all), nothing closed.

    ``rules``: tables that replace those of the archive, by name. The folder is gone at the end; one replay of a
    ``name`` goes on at a time. Raises WarehouseError where the models do not build.
    """
    folder = settings.data_dir / "warehouse" / name
    with hold(folder.with_name(f".{name}"), wait_seconds=None):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            shadow = replace(settings, data_dir=folder)
            _lay_out(settings.data_dir, folder, entries)
            archive, warehouse = Archive(folder), Warehouse(shadow)
            if rules:
                land_rules(archive, rules, as_of.astimezone(settings.timezone).date(), as_of, on_trial=True)
            warehouse.ensure()
            warehouse.load(archive)
            report = build(shadow, warehouse.variables(as_of, name, full_refresh=True), full_refresh=True)
            if not report.success:
                raise WarehouseError(f"the replay does not build: {'; '.join(report.errors) or 'see its log'}")
            yield shadow
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _lay_out(source: Path, folder: Path, entries: int | None) -> None:
    """Keys and manifest are copied, received files are linked; what is landed here stays here."""
    (folder / "landing").mkdir(parents=True)
    shutil.copytree(source / "keys", folder / "keys")
    target = source / "dbt_target"
    if target.is_dir():
        shutil.copytree(target, folder / "dbt_target", copy_function=shutil.copy2)
    for path in (source / "landing").iterdir():
        if path.is_dir() and path.name == RULES:
            shutil.copytree(path, folder / "landing" / RULES)
        elif path.is_dir():
            (folder / "landing" / path.name).symlink_to(path.resolve(), target_is_directory=True)
    lines = (source / "landing" / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    (folder / "landing" / "manifest.jsonl").write_bytes(b"".join(whole[:entries]))
