"""Asking Shippo about one number of one carrier; a number it does not know is an answer, no failure."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.core.errors import Evidence, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://api.goshippo.com"
HOSTS = ("api.goshippo.com",)
PATH = "/tracks"
REQUESTS_PER_SECOND = 5.0
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer about a known number: its bytes as received, and the number it names."""

    body: bytes
    number: str


@dataclass(frozen=True, slots=True)
class ShippoClient:
    """One account's access. Its token shows in no message and no repr."""

    transport: Transport
    base_url: str
    api_token: str = field(repr=False)

    def ask(self, carrier: str, number: str) -> Reply | None:
        """What is known of the number; None where nothing is. Tried again while that can help."""
        return self.transport.retrying(lambda: self._ask_once(carrier, number))

    def _ask_once(self, carrier: str, number: str) -> Reply | None:
        where = f"{PATH}/{quote(carrier, safe='')}/{quote(number, safe='')}"
        headers = {
            "Authorization": f"ShippoToken {self.api_token}",
            "Accept": "application/json",
            "User-Agent": "tieout",
        }
        answer = self.transport.send("GET", f"{self.base_url}{where}", headers=headers)
        if answer.status == NOT_FOUND:
            return None
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{where} failed", code=None, request_id=None)
        return _read(answer, where)


def _read(answer: Answer, where: str) -> Reply | None:
    evidence = Evidence(status=answer.status)
    document = answer.json()
    number, history = document.get("tracking_number"), document.get("tracking_history")
    status = document.get("tracking_status")
    if not isinstance(number, str) or not isinstance(history, list) or not isinstance(status, dict | None):
        raise UnexpectedShape(
            f"{where} answered without tracking_number, tracking_status or tracking_history", evidence
        )
    return None if knows_nothing(status, history) else Reply(body=answer.body, number=number)


def knows_nothing(status: dict[str, Any] | None, history: list[Any]) -> bool:
    """Whether an answer without a scan says no more than that the carrier has none."""
    return not history and (status is None or status.get("status") == "UNKNOWN")


def client_for(connection: Connection, tools: Tools) -> ShippoClient:
    """Read the token once; a missing one names itself."""
    credentials = needed(connection, "api_token")
    return ShippoClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        api_token=credentials["api_token"],
    )
