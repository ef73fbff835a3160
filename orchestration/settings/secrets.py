"""From a connection's settings to a connector's view of it: secrets from the environment, safe addresses only."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.core.protocol import Connection
from orchestration.settings.errors import SettingsError
from orchestration.settings.place import PREFIX

if TYPE_CHECKING:
    from orchestration.settings.model import ConnectionSettings


def check_base_url(url: str, vendor_hosts: tuple[str, ...], allowed: tuple[str, ...], file: Path, where: str) -> None:
    """Plain http only on loopback; a host that is not the vendor's must be named in ``allow_hosts``."""
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
        raise SettingsError(file, where, f"{url!r} is no address of the form https://host[:port][/path]")
    if is_loopback(host):
        return
    if parts.scheme != "https":
        raise SettingsError(file, where, f"plain http is allowed on 127.0.0.1 only; use https for {host}")
    if not any(host == known or host.endswith(f".{known}") for known in (*vendor_hosts, *allowed)):
        raise SettingsError(
            file, where, f'{host} is not a host of this source; add allow_hosts = ["{host}"] if it is meant'
        )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def resolve_connection(
    settings: "ConnectionSettings", environ: Mapping[str, str], sandbox_url: str | None
) -> Connection:
    """See ConnectionSettings.resolve."""
    missing = [
        f"{name} ({reference.removeprefix(PREFIX)})"
        for name, reference in settings.credentials.items()
        if reference.startswith(PREFIX) and not environ.get(reference.removeprefix(PREFIX))
    ]
    if missing:
        raise SettingsError(
            settings.file,
            f"[[connection]] {settings.name}",
            f"environment variables are not set for {', '.join(missing)}; export them before the run",
        )
    base_url = settings.base_url
    if base_url is None and settings.sandboxed and sandbox_url is not None:
        base_url = f"{sandbox_url.rstrip('/')}/{settings.source}"
    return Connection(
        name=settings.name,
        source=settings.source,
        base_url=base_url,
        credentials={
            name: environ[reference.removeprefix(PREFIX)] if reference.startswith(PREFIX) else reference
            for name, reference in settings.credentials.items()
        },
        path=settings.path,
        timezone=settings.timezone,
        currency=settings.currency,
        account=settings.account,
        store=settings.store,
        options=settings.options,
    )
