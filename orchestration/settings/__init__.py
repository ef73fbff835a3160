"""The settings file, read once into frozen facts; the shipped rule tables; the lock of the data folder.

Nothing here fetches, archives or queries. Below this room nobody reads the environment.
A name brings its module when it is asked for: who only looks at what is published needs no connector.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestration.settings.errors import SettingsError
    from orchestration.settings.loader import load
    from orchestration.settings.locks import Busy, hold
    from orchestration.settings.model import (
        Account,
        ConnectionSettings,
        Entity,
        SandboxSettings,
        Settings,
        Store,
    )
    from orchestration.settings.parameters import Parameters
    from orchestration.settings.rules import RULE_COLUMNS, default_rules, rule_tables
    from orchestration.settings.starter import init_files

__all__ = [
    "RULE_COLUMNS",
    "Account",
    "Busy",
    "ConnectionSettings",
    "Entity",
    "Parameters",
    "SandboxSettings",
    "Settings",
    "SettingsError",
    "Store",
    "default_rules",
    "hold",
    "init_files",
    "load",
    "rule_tables",
]
MODULES = {
    "errors": ("SettingsError",),
    "loader": ("load",),
    "locks": ("Busy", "hold"),
    "model": ("Account", "ConnectionSettings", "Entity", "SandboxSettings", "Settings", "Store"),
    "parameters": ("Parameters",),
    "rules": ("RULE_COLUMNS", "default_rules", "rule_tables"),
    "starter": ("init_files",),
}


def __getattr__(name: str) -> Any:
    for module, names in MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
