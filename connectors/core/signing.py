"""Request and response signatures, one function per scheme. Keys come in, text comes out; nothing is kept."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from connectors.core.errors import NotAuthorized, UnexpectedShape

TopMethod = Literal["md5", "hmac", "hmac-sha256"]
PEM_LINE = 64


def top_text(parameters: Mapping[str, str]) -> str:
    """What TOP signs: name and value of every parameter but ``sign``, by name, with nothing in between."""
    return "".join(f"{name}{parameters[name]}" for name in sorted(parameters) if name != "sign")


def top_signature(parameters: Mapping[str, str], secret: str, method: TopMethod = "hmac-sha256") -> str:
    """Upper hexadecimal TOP signature over :func:`top_text`."""
    text, key = top_text(parameters).encode(), secret.encode()
    if method == "md5":
        return hashlib.md5(key + text + key).hexdigest().upper()  # noqa: S324 - the vendor's scheme
    digest = "md5" if method == "hmac" else "sha256"
    return hmac.new(key, text, digest).hexdigest().upper()


def rsa2_text(parameters: Mapping[str, str]) -> str:
    """What Alipay's gateway signs: every non-empty parameter but ``sign`` as ``k=v``, by name, not URL-encoded."""
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "sign" and parameters[name])


def rsa_sign(text: bytes, key: RSAPrivateKey) -> str:
    """SHA256withRSA, PKCS#1 v1.5, base64."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def rsa_verified(text: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Whether a base64 SHA256withRSA signature belongs to exactly these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed_substring(body: str, key: str) -> tuple[str, str]:
    """The raw value of ``key`` in a gateway answer, and its ``sign``: escapes stay, re-serialising would break it."""
    start = body.find("{", body.find(f'"{key}"') + len(key) + 2) if f'"{key}"' in body else -1
    end = _closing_brace(body, start)
    if end < 0:
        raise UnexpectedShape(f"the answer holds no object {key}; ask the source's support what it sent")
    marker = body.find('"sign"', end)
    opening = body.find('"', body.find(":", marker)) if marker >= 0 else -1
    closing = body.find('"', opening + 1) if opening >= 0 else -1
    if closing < 0:
        raise NotAuthorized("the answer carries no signature, so it may not come from the source")
    return body[start : end + 1], body[opening + 1 : closing].replace("\\/", "/")


def _closing_brace(body: str, start: int) -> int:
    depth, in_text, escaped = 0, False, False
    for position in range(start, len(body)) if start >= 0 else ():
        letter = body[position]
        if in_text:
            escaped, in_text = (letter == "\\" and not escaped), escaped or letter != '"'
        elif letter == '"':
            in_text = True
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return position
    return -1


def wechatpay_text(method: str, path_and_query: str, timestamp: str, nonce: str, body: str = "") -> str:
    """The five lines that APIv3 signs; an empty body keeps its line."""
    return f"{method}\n{path_and_query}\n{timestamp}\n{nonce}\n{body}\n"


def wechatpay_authorization(mch_id: str, serial_no: str, nonce: str, timestamp: str, signature: str) -> str:
    """The APIv3 ``Authorization`` header."""
    fields = {
        "mchid": mch_id,
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": timestamp,
        "serial_no": serial_no,
    }
    return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in fields.items())


def private_key(text: str, credential: str) -> RSAPrivateKey:
    """An RSA private key from PEM or from the bare base64 that vendors' key tools print (PKCS#8 or PKCS#1)."""
    for label in ("PRIVATE KEY", "RSA PRIVATE KEY"):
        try:
            key = serialization.load_pem_private_key(_pem(text, label), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, RSAPrivateKey):
            return key
    raise NotAuthorized(f"credential {credential} is no RSA private key; allowed: PEM or base64, PKCS#8 or PKCS#1")


def public_key(text: str, credential: str) -> RSAPublicKey:
    """An RSA public key from PEM, bare base64 or a certificate."""
    key: object = None
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        if "BEGIN CERTIFICATE" in text:
            key = load_pem_x509_certificate(_pem(text, "CERTIFICATE")).public_key()
        else:
            key = serialization.load_pem_public_key(_pem(text, "PUBLIC KEY"))
    if isinstance(key, RSAPublicKey):
        return key
    raise NotAuthorized(f"credential {credential} is no RSA public key; allowed: PEM, base64 or a certificate")


def _pem(text: str, label: str) -> bytes:
    """Environment variables often carry keys on one line: bare base64, or PEM with its line ends written out."""
    text = text.strip().replace("\\n", "\n")
    if "-----BEGIN" in text:
        return text.encode()
    packed = "".join(text.split())
    lines = "\n".join(packed[at : at + PEM_LINE] for at in range(0, len(packed), PEM_LINE))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()
