"""``tieout doctor``: what would keep a run from working, found before it runs."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from orchestration.cli.edge import DONE, USAGE
from orchestration.cli.sandbox import sandbox_for
from orchestration.lib.clock import machine_now
from orchestration.settings import ConnectionSettings, Settings, SettingsError, load, rule_tables

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""Signed requests are refused by the sources beyond about ten."""
ANSWER_SECONDS: Final = 10.0
FREE_BYTES: Final = 1 << 30
SHOWN_ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``wrong`` says what is wrong and what to do."""

    what: str
    seen: str = ""
    wrong: str | None = None


def examine(config: Path) -> int:
    """Looks at everything, also after something is wrong; exit code 2 when anything is."""
    settings = load(config)
    checks = [Check("settings", str(settings.path))]
    checks += [Check(f"settings, [{name}]", "has no effect in this version") for name in settings.without_effect]
    with sandbox_for(settings) as url:
        checks += [_looked(look, settings) for look in (rules, approvals, writing, space)]
        checks += list(channel_checks(settings))
        for connection in settings.connections:
            checks += list(source_checks(connection, url))
    wrong = [check for check in checks if check.wrong]
    for check in checks:
        mark = "WRONG" if check.wrong else "ok"
        sys.stdout.write(f"{mark:<6}{check.what}: {check.wrong or check.seen}\n")
    sys.stdout.write(f"{len(wrong)} of {len(checks)} checks found something wrong\n" if wrong else "all is well\n")
    return USAGE if wrong else DONE


def _looked(look: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return look(settings)
    except (OSError, SettingsError) as error:
        return Check(look.__name__, wrong=str(error))


def rules(settings: Settings) -> Check:
    """Every rule table in force is readable and well formed."""
    tables = rule_tables(settings.rules_dir)
    return Check("rule tables", f"{len(tables)} in force")


def approvals(settings: Settings) -> Check:
    """Every row of the rule tables that lies there is one that two people approved, where there are people."""
    from orchestration.decisions import DecisionError, rules_that_count
    from orchestration.landing import Archive

    try:
        counting = rules_that_count(Archive(settings.data_dir), settings)
    except DecisionError as error:
        return Check("approved rules", wrong=str(error))
    seen = "each row counts as it lies"
    if counting.unconfirmed:
        seen = f"nobody has approved {', '.join(counting.unconfirmed)}: they count as they were first received"
    wrong = None
    if counting.unapproved:
        shown = "; ".join(counting.unapproved[:SHOWN_ROWS])
        more = f" and {len(counting.unapproved) - SHOWN_ROWS} more" if len(counting.unapproved) > SHOWN_ROWS else ""
        wrong = (
            f"not approved by a second person, so what was approved last counts: {shown}{more}; "
            "propose the file with tieout rules propose, or put back what was approved"
        )
    return Check("approved rules", seen, wrong)


def writing(settings: Settings) -> Check:
    """The data folder can be written."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.data_dir):
        return Check("data folder", f"{settings.data_dir} can be written")


def space(settings: Settings) -> Check:
    """There is room for a day."""
    facts = os.statvfs(settings.data_dir)
    free = facts.f_bavail * facts.f_frsize
    wrong = f"only {free / 2**20:.0f} MiB are free in {settings.data_dir}; make room" if free < FREE_BYTES else None
    return Check("free space", f"{free / 2**30:.0f} GiB", wrong)


def channel_checks(settings: Settings) -> Iterator[Check]:
    """Addresses and passwords of the channels are set; ``tieout alerts test`` tries them."""
    alerts = settings.alerts
    if alerts is None:
        return
    for channel in alerts.channels:
        name = f"alerts, channel {channel.name}"
        try:
            alerts.resolve(channel.name, settings.path, settings.environ)
        except SettingsError as error:
            yield Check(name, wrong=error.sentence)
        else:
            yield Check(name, "is set up; tieout alerts test tries it")


def source_checks(connection: ConnectionSettings, sandbox_url: str | None) -> Iterator[Check]:
    """Credentials, then the folder or the address, then the clock as the source sees it."""
    name = f"connection {connection.name}"
    try:
        resolved = connection.resolve(os.environ, sandbox_url)
    except SettingsError as error:
        yield Check(name, wrong=error.sentence)
        return
    if connection.path is not None:
        there = connection.path.is_dir()
        yield Check(
            name,
            f"folder {connection.path}",
            None if there else f"its folder {connection.path} does not exist: create it, or correct path",
        )
    if resolved.credentials:
        yield Check(name, f"{len(resolved.credentials)} credentials are set")
    address = resolved.base_url or _vendor_address(connection.source)
    if address and connection.path is None:
        yield reached(name, address)


def _vendor_address(source: str) -> str | None:
    from connectors.core.registry import source_named

    hosts = source_named(source).hosts
    return f"https://{hosts[0]}" if hosts else None


def reached(name: str, address: str) -> Check:
    """Any HTTP answer proves the road; its Date shows how far the clocks are apart."""
    import requests

    try:
        answer = requests.head(address, timeout=ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return Check(name, wrong=f"{address} does not answer ({type(error).__name__}): check network, proxy, base_url")
    stamp = answer.headers.get("Date")
    apart = abs(machine_now() - parsedate_to_datetime(stamp)) if stamp else timedelta()
    if apart > CLOCK_TOLERANCE:
        return Check(name, wrong=f"this machine's clock and {address} are {apart} apart: set the clock")
    return Check(name, f"{address} answers")
