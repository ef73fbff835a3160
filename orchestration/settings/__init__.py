"""The settings file, read once into frozen facts; the shipped rule tables; the lock of the data folder.

Nothing here fetches, archives or queries. Below this room nobody reads the environment.
"""

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
