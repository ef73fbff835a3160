"""``[alerts]``: who is told of what is open, and how. Addresses and passwords come from the environment only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

from orchestration.settings.errors import SettingsError
from orchestration.settings.place import PREFIX
from orchestration.settings.secrets import is_loopback
from orchestration.settings.toml import Section, tables

Kind = Literal["dingtalk", "wecom", "feishu", "slack", "email"]
Security = Literal["tls", "starttls", "none"]
Severity = Literal["S1", "S2", "S3", "S4"]
KINDS: Final = ("dingtalk", "wecom", "feishu", "slack", "email")
SECURITIES: Final = ("tls", "starttls", "none")
SEVERITIES: Final = ("S1", "S2", "S3", "S4")
HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "dingtalk": ("oapi.dingtalk.com",),
    "wecom": ("qyapi.weixin.qq.com",),
    "feishu": ("open.feishu.cn", "open.larksuite.com"),
    "slack": ("hooks.slack.com",),
}
SIGNED: Final = ("dingtalk", "feishu")
PORTS: Final[Mapping[str, int]] = {"tls": 465, "starttls": 587, "none": 25}
HIGHEST_PORT: Final = 65535
SETTINGS_KEYS: Final = ("severity", "default", "failures", "escalate_to", "most")
COMMON_KEYS: Final = ("name", "kind")
HOOK_KEYS: Final = ("url", "secret", "allow_hosts")
MAIL_KEYS: Final = ("server", "port", "security", "user", "password", "sender", "to")


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One ``[[alerts.channel]]``. ``url``, ``secret``, ``user`` and ``password`` are references, never secrets."""

    name: str
    kind: Kind
    url: str | None = None
    secret: str | None = None
    allow_hosts: tuple[str, ...] = ()
    server: str | None = None
    port: int | None = None
    security: Security = "tls"
    user: str | None = None
    password: str | None = None
    sender: str | None = None
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """One ``[[alerts.route]]``: the channel of a role or person, and whom it tells when time is up."""

    owner: str
    channel: str
    escalate_to: str | None = None


@dataclass(frozen=True, slots=True)
class ResolvedChannel:
    """A channel with its secrets; they show in no repr."""

    settings: ChannelSettings
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The section. ``severity``: the least grave that is told; ``most``: messages per channel at one time."""

    default: str
    failures: str
    severity: Severity = "S3"
    escalate_to: str | None = None
    most: int = 20
    channels: tuple[ChannelSettings, ...] = ()
    routes: tuple[RouteSettings, ...] = ()

    def channel_of(self, recipient: str, role: str) -> str:
        """The channel's name: the person's own route, else the role's, else the default one."""
        found = {route.owner: route.channel for route in self.routes}
        return found.get(recipient) or found.get(role) or self.default

    def second_of(self, recipient: str, role: str) -> str | None:
        """Whom to tell when the time of ``recipient`` is up; None where nobody is named."""
        found = {route.owner: route.escalate_to for route in self.routes}
        second = found.get(recipient) or found.get(role) or self.escalate_to
        return None if second in {recipient, role} else second

    def resolve(self, name: str, file: Path, environ: Mapping[str, str]) -> ResolvedChannel:
        """The channel with its secrets; raises SettingsError for what is missing or not allowed, naming no secret."""
        channel = next(item for item in self.channels if item.name == name)
        where = f"[[alerts.channel]] {name}"
        values = {}
        for key in ("url", "secret", "user", "password"):
            reference = getattr(channel, key)
            values[key] = environ.get(reference, "") if reference else ""
            if reference and not values[key]:
                raise SettingsError(
                    file, f"{where} {key}", f"the environment variable {reference} is not set; export it before the run"
                )
        if channel.url:
            _check_url(values["url"], channel, file, f"{where} url")
        return ResolvedChannel(channel, **values)

    def resolve_all(self, file: Path, environ: Mapping[str, str]) -> tuple[ResolvedChannel, ...]:
        """Every channel; raises SettingsError for the first that cannot be used."""
        return tuple(self.resolve(channel.name, file, environ) for channel in self.channels)


def read_alerts(file: Path, data: Mapping[str, Any]) -> AlertSettings | None:
    """The section as facts; None where there is none. Raises SettingsError."""
    if "alerts" not in data:
        return None
    section = Section(file, "[alerts]", data["alerts"], (*SETTINGS_KEYS, "channel", "route"))
    channels = tuple(_channel(file, where, item) for where, item in tables(file, section.data, "channel"))
    names = [channel.name for channel in channels]
    if not channels:
        raise section.error("channel", "is missing; describe at least one [[alerts.channel]]")
    for name in names:
        if names.count(name) > 1:
            raise section.error("channel", f"two channels are named {name}; give each a name of its own")
    routes = tuple(_route(file, where, item, names) for where, item in tables(file, section.data, "route"))
    owners = [route.owner for route in routes]
    for owner in owners:
        if owners.count(owner) > 1:
            raise section.error("route", f"two routes are for {owner}; keep one of them")
    return AlertSettings(
        default=section.choice("default", names),
        failures=section.choice("failures", names),
        severity=cast("Any", section.choice("severity", SEVERITIES, "S3")),
        escalate_to=section.optional_text("escalate_to"),
        most=section.whole("most", 20, 1, 1000),
        channels=channels,
        routes=routes,
    )


def _route(file: Path, where: str, data: Mapping[str, Any], names: Sequence[str]) -> RouteSettings:
    section = Section(file, _inside(where), data, ("owner", "channel", "escalate_to"))
    return RouteSettings(section.text("owner"), section.choice("channel", names), section.optional_text("escalate_to"))


def _channel(file: Path, where: str, data: Mapping[str, Any]) -> ChannelSettings:
    section = Section(file, _inside(where), data, (*COMMON_KEYS, *HOOK_KEYS, *MAIL_KEYS))
    name, kind = section.text("name"), section.choice("kind", KINDS)
    foreign = HOOK_KEYS if kind == "email" else MAIL_KEYS
    for key in foreign:
        if key in section:
            raise section.error(key, f"belongs to another kind of channel; {kind} takes {', '.join(_keys_of(kind))}")
    if kind == "email":
        return _mail(section, name)
    if kind not in SIGNED and "secret" in section:
        raise section.error("secret", f"is not known to {kind}; only {' and '.join(SIGNED)} sign their messages")
    url = _reference(section, "url")
    if url is None:
        raise section.error("url", 'is missing; the address of a robot is a secret: write "env:NAME"')
    return ChannelSettings(
        name=name,
        kind=cast("Any", kind),
        url=url,
        secret=_reference(section, "secret"),
        allow_hosts=section.texts("allow_hosts"),
    )


def _mail(section: Section, name: str) -> ChannelSettings:
    server = section.text("server")
    security = section.choice("security", SECURITIES, "tls")
    if security == "none" and not is_loopback(server):
        raise section.error("security", f"'none' is allowed on 127.0.0.1 only; use tls or starttls for {server}")
    user, password = _reference(section, "user"), _reference(section, "password")
    if (user is None) != (password is None):
        raise section.error("password" if user else "user", "is missing; user and password come together")
    addresses = section.texts("to")
    if not addresses:
        raise section.error("to", 'is missing; write a list of addresses, such as ["finance@example.com"]')
    for key, address in (("sender", section.text("sender")), *(("to", item) for item in addresses)):
        if not _is_address(address):
            raise section.error(key, f"{address!r} is no e-mail address; write it such as finance@example.com")
    return ChannelSettings(
        name=name,
        kind="email",
        server=server,
        port=section.whole("port", PORTS[security], 1, HIGHEST_PORT),
        security=cast("Any", security),
        user=user,
        password=password,
        sender=section.text("sender"),
        to=addresses,
    )


def _keys_of(kind: str) -> tuple[str, ...]:
    keys = MAIL_KEYS if kind == "email" else HOOK_KEYS
    return (*COMMON_KEYS, *(key for key in keys if key != "secret" or kind in SIGNED))


def _inside(where: str) -> str:
    return where.replace("[[", "[[alerts.", 1)


def _is_address(text: str) -> bool:
    name, at, host = text.partition("@")
    return bool(name and at and host) and text.isascii() and text.isprintable() and not set(text) & set(" ,;<>\"'\\")


def _reference(section: Section, key: str) -> str | None:
    reference = section.optional_text(key)
    if reference is None:
        return None
    name = reference.removeprefix(PREFIX)
    if not reference.startswith(PREFIX) or not name.isidentifier():
        raise section.error(key, 'is no reference; secrets stay out of this file: write "env:NAME"')
    return name


def _check_url(url: str, channel: ChannelSettings, file: Path, where: str) -> None:
    """As for sources, but the address itself is a secret and shows in no error."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.username or not url.isprintable():
        raise SettingsError(file, where, "holds no address of the form https://host/path")
    if is_loopback(host):
        return
    if parts.scheme != "https":
        raise SettingsError(file, where, f"plain http is allowed on 127.0.0.1 only; use https for {host}")
    allowed = (*HOSTS[channel.kind], *channel.allow_hosts)
    if not any(host == known or host.endswith(f".{known}") for known in allowed):
        raise SettingsError(
            file, where, f'{host} is no host of {channel.kind}; add allow_hosts = ["{host}"] if it is meant'
        )
