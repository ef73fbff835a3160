"""What ``tieout init`` writes: a commented settings file, rules to edit, two people, an inbox, the privacy key."""

import shutil
from importlib import resources
from pathlib import Path

from orchestration.settings.errors import SettingsError
from orchestration.settings.keys import read_or_make_key
from orchestration.settings.rules import default_rules

FILE_NAME = "tieout.toml"
PEOPLE = "person,roles,limit_amount,public_key\naccountant,RA,,\nmanager,FM,,\n"
"""The first two, so that one can approve what the other proposes; whoever decides puts in the real names."""


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
    people = folder / "rules" / "people.csv"
    if not people.exists():
        people.write_text(PEOPLE, encoding="utf-8")
        written.append(people)
    key = folder / "data" / "keys" / "privacy.key"
    read_or_make_key(key)
    return (*written, key)
