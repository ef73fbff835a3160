"""What a settings file says, as frozen facts with every default filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from connectors.core.protocol import Connection
from orchestration.settings.alerts import AlertSettings
from orchestration.settings.parameters import Parameters
from orchestration.settings.place import privacy_key_of
from orchestration.settings.secrets import resolve_connection

Expect = Literal["daily", "weekly", "monthly", "none"]
Money = Literal["platform", "channel"]
AccountKind = Literal["channel", "wallet", "bank", "deposit", "ads"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal person whose books are kept."""

    code: str
    name: str
    taxpayer: Literal["general", "small_scale"] = "general"
    accounting_standard: Literal["cas", "sbe"] = "cas"


@dataclass(frozen=True, slots=True)
class Store:
    """A shop, and who holds its money: the platform until settlement, or payment channels at once."""

    code: str
    entity: str
    platform: str
    money: Money
    settles_into: str | None = None
    payments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A place where money lies."""

    code: str
    entity: str
    platform: str
    kind: AccountKind
    currency: str
    pays_out_to: str | None = None
    calendar: str = "CN"
    ledger_account: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """One ``[[connection]]`` with its defaults resolved. ``credentials`` holds references, never secrets."""

    file: Path = field(repr=False)
    name: str
    source: str
    role: Literal["platform", "own_system"]
    expect: Expect
    store: str | None
    account: str | None
    platform: str
    entity: str
    currency: str
    timezone: ZoneInfo
    start_date: date
    path: Path | None
    base_url: str | None
    allow_hosts: tuple[str, ...]
    credentials: Mapping[str, str]
    options: Mapping[str, Any]
    sandboxed: bool

    def resolve(self, environ: Mapping[str, str], sandbox_url: str | None) -> Connection:
        """Fetch the secrets from ``environ`` and say where to talk to; raises SettingsError for what is missing."""
        return resolve_connection(self, environ, sandbox_url)

    def without_secrets(self) -> Connection:
        """Enough to read what is archived: no address, no credentials."""
        return Connection(
            name=self.name,
            source=self.source,
            base_url=None,
            credentials={},
            path=self.path,
            timezone=self.timezone,
            currency=self.currency,
            account=self.account,
            store=self.store,
            options=self.options,
        )


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The simulated outside world. ``faults``: all, none, or their names. ``market``: its further shops sell too."""

    seed: int
    orders_per_day: int
    first_day: date
    faults: Literal["all", "none"] | tuple[str, ...]
    port: int
    market: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file. ``digest`` is that of its meaning, not of its bytes."""

    path: Path
    language: Literal["zh", "en"]
    timezone: ZoneInfo
    base_currency: str
    data_dir: Path
    rules_dir: Path | None
    start_date: date
    parameters: Parameters
    entities: tuple[Entity, ...]
    stores: tuple[Store, ...]
    accounts: tuple[Account, ...]
    connections: tuple[ConnectionSettings, ...]
    sandbox: SandboxSettings | None
    privacy_reference: str | None
    decisions_url: str | None = field(repr=False)
    digest: str
    environ: Mapping[str, str] = field(repr=False)
    alerts: AlertSettings | None = None
    without_effect: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The configured connectors, sorted."""
        return tuple(sorted({connection.source for connection in self.connections}))

    @property
    def privacy_key(self) -> str:
        """The key of the buyers' hashes: from the environment, else from a file that is made on first use."""
        return privacy_key_of(self.privacy_reference, self.environ, self.data_dir)

    def connection(self, name: str) -> ConnectionSettings:
        """The connection of that name; raises KeyError with the names there are."""
        for connection in self.connections:
            if connection.name == name:
                return connection
        names = ", ".join(connection.name for connection in self.connections)
        raise KeyError(f"no connection is named {name!r}; configured are {names}")
