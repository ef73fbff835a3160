"""Sends what waits. What cannot be sent goes on waiting, with its reason; a channel that fails is left in peace."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from orchestration.alerts.errors import RefusedError, SendError, TryAgainError
from orchestration.alerts.send import send
from orchestration.alerts.store import AlertStore, Message, store_of
from orchestration.alerts.text import for_test
from orchestration.settings import Settings, SettingsError
from orchestration.settings.alerts import AlertSettings, ResolvedChannel
from orchestration.settings.labels import labels

ATTEMPTS: Final = 3
LONGEST_WAIT: Final = 8.0
REFUSALS: Final = 2
"""So many refused messages, and their channel is left in peace: one alone may be refused for what it says."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Session, clock and sleep."""

    session: requests.Session
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


@dataclass(slots=True)
class Delivery:
    """What became of the messages, and per channel: why not (``problems``), and who was left out (``remarks``)."""

    sent: int = 0
    waiting: int = 0
    repeated: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """What an operator needs to know; empty when there is nothing."""
        told = [f"{channel}: {said}" for channel, said in sorted((*self.problems.items(), *self.remarks.items()))]
        if self.waiting:
            told.insert(0, f"{self.waiting} messages wait, for the next run or tieout alerts send")
        if self.repeated:
            told.append(f"{self.repeated} messages may have arrived twice")
        return "; ".join(told)


def deliver(settings: Settings, alerts: AlertSettings, environ: Mapping[str, str], tools: Tools) -> Delivery:
    """Send what waits, at most ``most`` per channel; raises Busy when another process keeps sending for too long."""
    store = store_of(settings)
    with store.held():
        post = Postman(settings, alerts, environ, tools, store)
        for message in store.pending():
            post.bring(message)
    return post.delivery


def send_test(
    settings: Settings, alerts: AlertSettings, environ: Mapping[str, str], names: Sequence[str], tools: Tools
) -> Mapping[str, str | None]:
    """A test message to each of these channels: None, or why it was not delivered."""
    words = labels(settings.language)
    found: dict[str, str | None] = {}
    for name in names:
        try:
            channel = alerts.resolve(name, settings.path, environ)
            letter = (uuid.uuid4().hex, *for_test(name, words))
            found[name] = send(channel, tools.session, letter, tools.now()) or None
        except SettingsError as error:
            found[name] = error.sentence
        except SendError as error:
            found[name] = str(error)
    return found


class Postman:
    """One round."""

    def __init__(
        self,
        settings: Settings,
        alerts: AlertSettings,
        environ: Mapping[str, str],
        tools: Tools,
        store: AlertStore,
    ) -> None:
        self.delivery = Delivery()
        self._settings = settings
        self._alerts = alerts
        self._environ = environ
        self._tools = tools
        self._store = store
        self._counts: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._closed: set[str] = set()
        self._channels: dict[str, ResolvedChannel] = {}

    def bring(self, message: Message) -> None:
        """Send it, or note why not."""
        machinery = message.kind in {"failure", "recovered"}
        name = self._alerts.failures if machinery else self._alerts.channel_of(message.recipient, message.role)
        if name in self._closed:
            self.delivery.waiting += 1
            return
        if self._counts[name] >= self._alerts.most:
            self.delivery.waiting += 1
            self._closed.add(name)
            self.delivery.problems[name] = f"{self._alerts.most} messages at one time are enough"
            return
        self._counts[name] += 1
        try:
            self._send(self._channel(name), message)
        except (SettingsError, SendError) as error:
            reason = error.sentence if isinstance(error, SettingsError) else str(error)
            unclear = message.unclear or getattr(error, "unclear", False)
            self._store.failed(message.message_id, reason, unclear=unclear)
            self.delivery.problems[name] = reason
            self.delivery.waiting += 1
            self._refusals[name] += 1
            if not isinstance(error, RefusedError) or self._refusals[name] == REFUSALS:
                self._closed.add(name)

    def _channel(self, name: str) -> ResolvedChannel:
        if name not in self._channels:
            self._channels[name] = self._alerts.resolve(name, self._settings.path, self._environ)
        return self._channels[name]

    def _send(self, channel: ResolvedChannel, message: Message) -> None:
        repeated = message.unclear
        retrying = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(max=LONGEST_WAIT),
            sleep=self._tools.sleep,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                if not self._store.begin(message.message_id):
                    return
                try:
                    remark = send(channel, self._tools.session, self._letter(message, repeated), self._tools.now())
                except SendError as error:
                    repeated = error.unclear = repeated or error.unclear
                    raise
        self._store.sent(message.message_id, channel.settings.name, self._tools.now())
        self.delivery.sent += 1
        self.delivery.repeated += repeated
        if remark:
            self.delivery.remarks[channel.settings.name] = remark

    def _letter(self, message: Message, repeated: bool) -> tuple[str, str, str]:
        again = labels(self._settings.language).of("alert", "again")
        body = f"{again}\n{message.body}" if repeated else message.body
        return f"{message.message_id}.{message.incident_id}", message.title, body
