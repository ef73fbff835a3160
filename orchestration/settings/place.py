"""Where the data lies, the local clock and the buyers' key: all that a look at what is published needs.

No connector is imported for it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orchestration.settings.keys import read_or_make_key
from orchestration.settings.toml import Section, read_toml

TOP = ("language", "timezone", "base_currency", "data_dir", "rules_dir", "start_date")
TABLES = ("entity", "store", "account", "connection", "company_export")
SECTIONS = ("parameters", "sandbox", "privacy", "decisions", "storage", "alerts", "archive", "ui")
PREFIX = "env:"


@dataclass(frozen=True, slots=True)
class Place:
    """Folder, time zone, and the variable that holds the key of the buyers' hashes (None: a file in the folder)."""

    data_dir: Path
    timezone: ZoneInfo
    privacy_reference: str | None
    environ: Mapping[str, str] = field(repr=False)

    @property
    def privacy_key(self) -> str:
        """As ``privacy_key_of`` has it."""
        return privacy_key_of(self.privacy_reference, self.environ, self.data_dir)


def read_place(path: Path, environ: Mapping[str, str] | None = None) -> Place:
    """Read these settings alone; the others are checked by a run. Raises SettingsError as ``load`` does."""
    file = path.resolve()
    env = dict(os.environ if environ is None else environ)
    data = read_toml(file)
    top = Section(file, "", data, (*TOP, *TABLES, *SECTIONS))
    return Place(data_dir_of(file, top, env), zone_of(top), privacy_reference_of(file, data, env), env)


def zone_of(top: Section) -> ZoneInfo:
    """The time zone of business days."""
    name = top.text("timezone", "Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise top.error("timezone", f"{name!r} is no time zone; use a name such as Asia/Shanghai") from None


def data_dir_of(file: Path, top: Section, environ: Mapping[str, str]) -> Path:
    """Where everything is kept; the environment wins."""
    override = environ.get("TIEOUT_DATA_DIR")
    if override:
        return Path(override).expanduser().resolve()
    return (file.parent / Path(top.text("data_dir", "data")).expanduser()).resolve()


def privacy_reference_of(file: Path, data: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """The name of the variable that holds the key, or None."""
    section = Section(file, "[privacy]", data.get("privacy", {}), ("key",))
    reference = section.optional_text("key")
    if reference is None:
        return None
    name = reference.removeprefix(PREFIX)
    if not reference.startswith(PREFIX) or not name.isidentifier():
        raise section.error("key", 'is no reference; the key stays out of this file: write "env:NAME"')
    if not environ.get(name):
        raise section.error("key", f"the environment variable {name} is not set; export it before the run")
    return name


def privacy_key_of(reference: str | None, environ: Mapping[str, str], data_dir: Path) -> str:
    """The key of the buyers' hashes: from the environment, else from a file that is made on first use."""
    if reference is not None:
        return environ[reference]
    return read_or_make_key(data_dir / "keys" / "privacy.key")
