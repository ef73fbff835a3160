"""Reading ``[[connection]]``: what is written, before stores and accounts are known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.errors import MEANINGS
from connectors.core.protocol import Source
from connectors.core.registry import NAMES, source_named
from orchestration.settings.errors import SettingsError
from orchestration.settings.place import PREFIX
from orchestration.settings.secrets import check_base_url
from orchestration.settings.toml import Section, tables

NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
ROLES = ("platform", "own_system")
EXPECTS = ("daily", "weekly", "monthly", "none")
RULE_KEYS = ("column", "columns", "const", "format", "join", "map", "scale")
PLATFORMS = (
    *("own_site", "taobao", "jd", "pdd", "douyin", "wechat_shop", "youzan", "shopify", "amazon", "alipay"),
    *("wechatpay", "unionpay", "stripe", "paypal", "adyen", "cross_border", "offline", "bank"),
)
KEYS = (
    *("name", "source", "store", "account", "platform", "entity", "role", "credentials", "base_url", "allow_hosts"),
    *("expect", "path", "files", "mapping", "currency", "options"),
)
TEXT_OPTIONS = ("account_types", "done_codes", "download_hosts", "marketplace_ids", "not_ready_codes")
OPTION_KEYS = (
    *TEXT_OPTIONS,
    "api_version",
    "batch_size",
    "carriers",
    "codes",
    "currency_codes",
    "date_format",
    "date_type",
    "encoding",
    "funds_ready_hour",
    "history_months",
    "keys_in_query",
    "layout",
    "load_notices",
    "order_method",
    "pay_no_field",
    "phone",
    "refund_no_field",
    "region",
    "requests_per_second",
    "running_balance",
    "sign_style",
    "txn_sub_type",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection as written."""

    where: str
    name: str
    source: Source
    store: str | None
    account: str | None
    platform: str | None
    entity: str | None
    currency: str | None
    role: str
    expect: str
    path: Path | None
    base_url: str | None
    allow_hosts: tuple[str, ...]
    credentials: Mapping[str, str]
    options: Mapping[str, Any]
    sandboxed: bool


def read_connections(file: Path, data: Mapping[str, Any], *, sandbox: bool) -> list[Draft]:
    """All connections, in the order of the file; their names are unique."""
    drafts: list[Draft] = []
    for where, item in tables(file, data, "connection"):
        draft = _draft(Section(file, where, item, KEYS), sandbox=sandbox)
        if any(draft.name == other.name for other in drafts):
            raise SettingsError(file, f"{where} name", "is used by another connection; names must be unique")
        drafts.append(draft)
    return drafts


def _draft(section: Section, *, sandbox: bool) -> Draft:
    name = section.text("name")
    if not NAME.fullmatch(name):
        raise section.error("name", f"{name!r} is not allowed; use a-z, 0-9 and _, and no _ in front")
    source = source_named(section.choice("source", NAMES))
    base_url = section.optional_text("base_url")
    hosts = section.texts("allow_hosts")
    if base_url is not None:
        check_base_url(base_url, source.hosts, hosts, section.file, f"{section.where} base_url")
    sandboxed = sandbox and base_url is None
    path = section.optional_text("path")
    if source.name == "files" and path is None:
        raise section.error("path", "is missing; name the folder whose files are taken in")
    return Draft(
        where=section.where,
        name=name,
        source=source,
        store=section.optional_text("store"),
        account=section.optional_text("account"),
        platform=section.choice("platform", PLATFORMS) if "platform" in section else None,
        entity=section.optional_text("entity"),
        currency=read_currency(section) if "currency" in section else None,
        role=section.choice("role", ROLES, "platform"),
        expect=section.choice("expect", EXPECTS, source.default_expect),
        path=None if path is None else (section.file.parent / Path(path).expanduser()).resolve(),
        base_url=base_url,
        allow_hosts=hosts,
        credentials=_credentials(section, source, sandboxed=sandboxed, needed=path is None),
        options=_options(section, source),
        sandboxed=sandboxed,
    )


def read_currency(section: Section, default: str | None = None) -> str:
    """Three capital letters of ISO 4217."""
    value = section.text("currency", default)
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise section.error("currency", f"{value!r} is no currency code; use three capitals such as CNY")
    return value


def _credentials(section: Section, source: Source, *, sandboxed: bool, needed: bool) -> dict[str, str]:
    given = section.table("credentials")
    allowed = (*source.credentials, *source.optional_credentials)
    for name, value in given.items():
        key = f"credentials.{name}"
        if name not in allowed:
            raise section.error(key, f"unknown credential; {source.name} takes {', '.join(allowed) or 'none'}")
        if not isinstance(value, str) or not value:
            raise section.error(key, 'must be text of the form "env:NAME"')
        if not VARIABLE.fullmatch(value) and (value.startswith(PREFIX) or not sandboxed):
            raise section.error(key, 'is no reference; secrets stay out of this file: write "env:NAME"')
    missing = [name for name in source.credentials if name not in given]
    if missing and needed:
        raise section.error("credentials", f'misses {", ".join(missing)}; write each as "env:NAME"')
    return dict(given)


def _options(section: Section, source: Source) -> dict[str, Any]:
    given = Section(section.file, f"{section.where} options", section.table("options"), OPTION_KEYS)
    options: dict[str, Any] = dict(given.data)
    for key in TEXT_OPTIONS:
        if key in given:
            options[key] = given.texts(key)
    _check_options(given)
    streams = [stream.name for stream in source.streams]
    for key in ("files", "mapping"):
        if key not in section:
            continue
        if source.name != "files":
            raise section.error(key, 'is for source = "files" only; remove it')
        table = section.table(key)
        for stream in table:
            if stream not in streams:
                raise section.error(f"{key}.{stream}", f"is no stream; allowed are {', '.join(streams)}")
        options[key] = {
            stream: _patterns(section, stream, value) if key == "files" else _mapping(section, source, stream, value)
            for stream, value in table.items()
        }
    return options


def _check_options(given: Section) -> None:
    """What options hold that are more than text."""
    if "requests_per_second" in given and not _is_positive(given.data["requests_per_second"]):
        raise given.error("requests_per_second", "must be a number above 0")
    if "funds_ready_hour" in given and given.data["funds_ready_hour"] not in range(24):
        raise given.error("funds_ready_hour", "must be a whole hour from 0 to 23")
    if not all(isinstance(code, str) and code for code in given.table("carriers").values()):
        raise given.error(
            "carriers", 'must map a carrier\'s name to its code, such as { "中通快运" = "zhongtongkuaiyun" }'
        )
    if not set(given.table("codes").values()) <= set(MEANINGS):
        raise given.error("codes", f"must map the source's codes to {', '.join(MEANINGS)}")
    if "batch_size" in given and given.data["batch_size"] not in range(1, 101):
        raise given.error("batch_size", "must be a whole number from 1 to 100")
    if "history_months" in given and given.data["history_months"] not in range(1, 121):
        raise given.error("history_months", "must be a whole number from 1 to 120")
    if not isinstance(given.data.get("running_balance", True), bool):
        raise given.error("running_balance", "must be true or false")
    codes = given.table("currency_codes")
    if not all(isinstance(code, str) and re.fullmatch(r"[A-Z]{3}", code) for code in codes.values()):
        raise given.error("currency_codes", 'must map the bank\'s codes to currencies, such as { "32" = "USD" }')


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0


def _patterns(section: Section, stream: str, value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) and item for item in values):
        raise section.error(f"files.{stream}", 'must be a file name pattern such as "zfb_*.csv.gz", or a list of them')
    return value


def _mapping(section: Section, source: Source, stream: str, value: Any) -> Mapping[str, Any]:
    key = f"mapping.{stream}"
    if not isinstance(value, Mapping):
        raise section.error(key, 'must be a table of canonical column = "their column"')
    known = {
        column for item in source.streams if item.name == stream for cols in item.tables.values() for column in cols
    }
    for column, rule in value.items():
        if column not in known:
            raise section.error(f"{key}.{column}", f"is no column of {stream}; allowed are {', '.join(sorted(known))}")
        _check_rule(section, f"{key}.{column}", rule)
    return dict(value)


def _check_rule(section: Section, key: str, rule: Any) -> None:
    if isinstance(rule, str) and rule:
        return
    if not isinstance(rule, Mapping):
        raise section.error(key, 'must be "their column" or a table such as { const = "CNY" }')
    checked = Section(section.file, f"{section.where} {key}", rule, RULE_KEYS)
    sources = [name for name in ("column", "columns", "const") if name in checked]
    if len(sources) != 1:
        raise section.error(key, "needs exactly one of column, columns and const")
    for name in ("column", "const", "format", "scale"):
        checked.optional_text(name)
    if "columns" in checked and not checked.texts("columns"):
        raise section.error(f"{key}.columns", 'must name at least one column, such as ["a", "b"]')
    if not isinstance(checked.data.get("join", ""), str):
        raise section.error(f"{key}.join", 'must be text, such as "-"')
    if "scale" in checked and not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", checked.text("scale")):
        raise section.error(f"{key}.scale", 'must be a plain decimal in quotes, such as "0.01"')
    if not all(isinstance(item, str) for item in checked.table("map").values()):
        raise section.error(f"{key}.map", 'must map text to text, such as { "已付款" = "paid" }')
