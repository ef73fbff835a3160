"""Reading ``tieout.toml`` at the edge."""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from orchestration.settings.alerts import read_alerts
from orchestration.settings.connections import Draft, read_connections
from orchestration.settings.errors import SettingsError
from orchestration.settings.model import ConnectionSettings, SandboxSettings, Settings
from orchestration.settings.parameters import read_parameters
from orchestration.settings.parties import Parties, read_parties
from orchestration.settings.place import PREFIX, SECTIONS, TABLES, TOP, data_dir_of, privacy_reference_of, zone_of
from orchestration.settings.toml import Section, read_toml

# named by the contract, and read by nothing yet: whoever writes one is told so
WITHOUT_EFFECT = ("company_export", "storage", "ui")
HIGHEST_PORT = 65535


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises SettingsError with file, key and what is allowed. ``environ`` is the process's own."""
    file = path.resolve()
    env = dict(os.environ if environ is None else environ)
    data = read_toml(file)
    top = Section(file, "", data, (*TOP, *TABLES, *SECTIONS))
    _refuse_promises(file, data)
    base_currency = _currency(top)
    zone = zone_of(top)
    sandbox = _sandbox(file, data, top)
    drafts = read_connections(file, data, sandbox=sandbox is not None)
    parties = read_parties(file, data, drafts, base_currency)
    start = top.day("start_date")
    return Settings(
        path=file,
        language=cast("Any", top.choice("language", ("zh", "en"), "zh")),
        timezone=zone,
        base_currency=base_currency,
        data_dir=data_dir_of(file, top, env),
        rules_dir=_rules_dir(file, top),
        start_date=start,
        parameters=read_parameters(top.table("parameters"), file),
        entities=parties.entities,
        stores=parties.stores,
        accounts=parties.accounts,
        connections=tuple(
            _connection(file, draft, parties, zone=zone, base_currency=base_currency, start=start) for draft in drafts
        ),
        sandbox=sandbox,
        privacy_reference=privacy_reference_of(file, data, env),
        decisions_url=_decisions(file, data, env),
        digest=hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest(),
        environ=env,
        alerts=read_alerts(file, data),
        without_effect=tuple(name for name in WITHOUT_EFFECT if name in data),
    )


def _refuse_promises(file: Path, data: Mapping[str, Any]) -> None:
    """A setting that promises protection must not be taken without giving it."""
    if "archive" in data:
        raise SettingsError(file, "[archive]", "encryption of the archive is not available; use an encrypted disk")


def _currency(top: Section) -> str:
    value = top.text("base_currency", "CNY")
    if len(value) != len("CNY") or not (value.isascii() and value.isalpha() and value.isupper()):
        raise top.error("base_currency", f"{value!r} is no currency code; use three capitals such as CNY")
    return value


def _rules_dir(file: Path, top: Section) -> Path | None:
    name = top.optional_text("rules_dir")
    if name is None:
        return None
    folder = (file.parent / Path(name).expanduser()).resolve()
    if not folder.is_dir():
        raise top.error("rules_dir", f"{name!r} is no folder; create it or remove the key to use the shipped rules")
    return folder


def _sandbox(file: Path, data: Mapping[str, Any], top: Section) -> SandboxSettings | None:
    if "sandbox" not in data:
        return None
    section = Section(
        file,
        "[sandbox]",
        data["sandbox"],
        ("seed", "orders_per_day", "first_day", "faults", "port", "volume", "market"),
    )
    faults = section.data.get("faults", True)
    if isinstance(faults, bool):
        faults = "all" if faults else "none"
    elif faults not in ("all", "none"):
        faults = section.texts("faults")
    volume = section.whole("volume", 2000, 1)
    return SandboxSettings(
        seed=section.whole("seed", 1),
        orders_per_day=section.whole("orders_per_day", volume, 1),
        first_day=section.day("first_day", top.day("start_date")),
        faults=faults,
        port=section.whole("port", 0, 0, HIGHEST_PORT),
        market=section.flag("market", default=False),
    )


def _decisions(file: Path, data: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    section = Section(file, "[decisions]", data.get("decisions", {}), ("url",))
    url = section.optional_text("url")
    if url is not None and url.startswith(PREFIX):
        name = url.removeprefix(PREFIX)
        url = environ.get(name)
        if not url:
            raise section.error("url", f"the environment variable {name} is not set; export it before the run")
    elif url is not None and urlsplit(url).password is not None:
        raise section.error("url", 'holds a password, which stays out of this file: write "env:NAME"')
    if url is not None and urlsplit(url).scheme != "postgresql":
        raise section.error("url", "is no address of PostgreSQL; write postgresql://host/database, or leave it out")
    return url


def _connection(
    file: Path, draft: Draft, parties: Parties, *, zone: ZoneInfo, base_currency: str, start: date
) -> ConnectionSettings:
    store = next((item for item in parties.stores if item.code == draft.store), None)
    code = draft.account
    if code is None and store is not None and store.payments == (store.code,):
        code = store.code
    account = next((item for item in parties.accounts if item.code == code), None)
    # a carrier is asked about all parcels of an entity, and a spreadsheet names its parties row by row
    is_of_entity = draft.source.name == "files" or all(stream.asks == "waybills" for stream in draft.source.streams)
    if store is None and account is None and not is_of_entity:
        raise SettingsError(file, draft.where, "names neither a store nor an account; give one of them")
    owner = store or account
    return ConnectionSettings(
        file=file,
        name=draft.name,
        source=draft.source.name,
        role=cast("Any", draft.role),
        expect=cast("Any", draft.expect),
        store=draft.store,
        account=code,
        platform=owner.platform if owner else draft.platform or draft.source.platform or "own_site",
        entity=owner.entity if owner else draft.entity or parties.entities[0].code,
        currency=draft.currency or (account.currency if account else base_currency),
        timezone=zone,
        start_date=start,
        path=draft.path,
        base_url=draft.base_url,
        allow_hosts=draft.allow_hosts,
        credentials=draft.credentials,
        options=draft.options,
        sandboxed=draft.sandboxed,
    )
