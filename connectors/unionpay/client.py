"""Asking UnionPay for the file of a settlement day: a signed form, an answer that is a form itself."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from connectors.core.days import SHANGHAI
from connectors.core.errors import BadRequest, Evidence, NotAuthorized, NotReadyYet, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.signing import private_key, public_key, rsa_sign, rsa_verified
from connectors.core.transport import OK_STATUSES, Transport, needed, transport_for

BASE_URL = "https://filedownload.95516.com"
HOSTS = ("filedownload.95516.com",)
REQUESTS_PER_SECOND = 1.0
FILE_TRANSFER, ALL_FILES, SUCCESS = "76", "00", "00"
SIGN_STYLES = ("digest", "direct")


@dataclass(frozen=True, slots=True)
class FileClient:
    """One merchant's access. What no public text settles comes from the connection's options."""

    transport: Transport
    base_url: str
    mer_id: str
    cert_id: str
    key: RSAPrivateKey
    platform_key: RSAPublicKey | None
    txn_sub_type: str
    not_ready_codes: tuple[str, ...]
    sign_style: str

    def __repr__(self) -> str:
        return f"FileClient({self.base_url})"

    def file(self, day: date) -> bytes:
        """The answer for one settlement day as it came, once it is known to hold a file."""
        return self.transport.retrying(lambda: self._file_once(day))

    def _file_once(self, day: date) -> bytes:
        form = {
            "version": "5.1.0",
            "encoding": "UTF-8",
            "signMethod": "01",
            "certId": self.cert_id,
            "txnType": FILE_TRANSFER,
            "txnSubType": self.txn_sub_type,
            "bizType": "000000",
            "accessType": "0",
            "merId": self.mer_id,
            "fileType": ALL_FILES,
            "settleDate": day.strftime("%m%d"),
            "txnTime": self.transport.tools.now().astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S"),
        }
        form["signature"] = rsa_sign(signed_bytes(form, self.sign_style), self.key)
        answer = self.transport.send(
            "POST",
            f"{self.base_url}/",
            data=form,
            headers={"User-Agent": "tieout", "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, "the file could not be obtained", code=None, request_id=None)
        fields = answer_fields(answer.body)
        code = fields.get("respCode", "")
        evidence = Evidence(status=answer.status, code=code or None)
        if not code:
            raise UnexpectedShape("the answer is no form with a respCode", evidence)
        self._check_signature(fields, evidence)
        if code in self.not_ready_codes:
            # the same code is given before the file is made and for a day without one: only a file proves a day
            raise NotReadyYet("there is no file for this settlement day yet; ask again later", evidence)
        if code != SUCCESS:
            raise BadRequest("the source refused the request; check mer_id, cert_id, key and options", evidence)
        if not fields.get("fileContent"):
            raise UnexpectedShape("the answer holds no fileContent", evidence)
        return answer.body

    def _check_signature(self, fields: Mapping[str, str], evidence: Evidence) -> None:
        if self.platform_key is None:
            return
        if not rsa_verified(signed_bytes(fields, self.sign_style), fields.get("signature", ""), self.platform_key):
            raise NotAuthorized("the answer's signature is wrong; check platform_public_key", evidence)


def signed_bytes(fields: Mapping[str, str], style: str) -> bytes:
    """Every field but the signature as ``k=v`` by name; in style ``digest`` its SHA-256 in lower hexadecimal."""
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature" and fields[name] != "")
    return hashlib.sha256(text.encode()).hexdigest().encode() if style == "digest" else text.encode()


def answer_fields(body: bytes) -> dict[str, str]:
    """The fields of an answer; base64 stands in it as it is, so that a plus is a plus and an equals sign a letter."""
    text = body.decode("utf-8", errors="replace").strip()
    pairs = (piece.partition("=") for piece in text.split("&"))
    return {name: unquote(value) if "%" in value else value for name, equals, value in pairs if equals}


def client_for(connection: Connection, tools: Tools) -> FileClient:
    """Read keys and options once; a missing or strange one names itself."""
    credentials = needed(connection, "mer_id", "cert_id", "private_key")
    options = connection.options
    style = str(options.get("sign_style", "digest"))
    if style not in SIGN_STYLES:
        raise BadRequest(f"option sign_style is {style}, allowed: {', '.join(SIGN_STYLES)}")
    platform = credentials.get("platform_public_key")
    return FileClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        mer_id=credentials["mer_id"],
        cert_id=credentials["cert_id"],
        key=private_key(credentials["private_key"], "private_key"),
        platform_key=public_key(platform, "platform_public_key") if platform else None,
        txn_sub_type=str(options.get("txn_sub_type", "01")),
        not_ready_codes=tuple(options.get("not_ready_codes") or ("98",)),
        sign_style=style,
    )
