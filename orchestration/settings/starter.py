"""What ``tieout init`` writes: a commented settings file, the shipped rules to edit, an inbox, the privacy key."""

import shutil
from importlib import resources
from pathlib import Path

from orchestration.settings.errors import SettingsError
from orchestration.settings.keys import read_or_make_key
from orchestration.settings.rules import default_rules

FILE_NAME = "tieout.toml"


def init_files(folder: Path, name: str = FILE_NAME) -> tuple[Path, ...]:
    """Write what is not there yet; an existing settings file is an error, other existing files are kept."""
    file = folder / name
    if file.exists():
        raise SettingsError(file, "", "exists already; choose an empty folder, or edit the file")
    for sub in ("rules", "inbox/shop", "inbox/bank"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    written = [file]
    template = resources.files("orchestration.settings") / "starter.toml"
    file.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    for table, source in default_rules().items():
        target = folder / "rules" / f"{table}.csv"
        if not target.exists():
            shutil.copyfile(source, target)
            written.append(target)
    key = folder / "data" / "keys" / "privacy.key"
    read_or_make_key(key)
    return (*written, key)
