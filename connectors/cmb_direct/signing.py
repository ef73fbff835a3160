"""The envelope of a message: signed with SM2 over SM3, closed with SM4-CBC, and opened again. Nothing is sent here.

Schemes as in GB/T 32918 (SM2), 32905 (SM3) and 32907 (SM4). ``gmssl`` brings curve, hash and cipher; its own
``sign_with_sm3`` knows one fixed user id only, so the digest over the user's own id is made here.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gmssl import sm2, sm3, sm4

from connectors.core.errors import NotAuthorized, UnexpectedShape

PLACEHOLDER = "__signature_sigdat__"
SIGNATURE = re.compile(r'("sigdat"\s*:\s*)"((?:[^"\\]|\\.)*)"')
CURVE = sm2.default_ecc_table
ORDER, PRIME = int(CURVE["n"], 16), int(CURVE["p"], 16)
ID_BYTES = 16
BLOCK_BYTES = 16
NUMBER_BYTES = 32
MOST_DRAWS = 16
POINT_MARK = b"\x04"


def compact(message: Any) -> str:
    """The one form that is signed: keys sorted at every depth, no blanks, letters as they are."""
    return json.dumps(message, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Seal:
    """One user's keys. ``user_id`` filled up with zeros is both the id inside the signature and the cipher's IV."""

    user_id: str
    private: int = field(repr=False)
    public: str = field(repr=False)
    bank_public: str = field(repr=False)
    sm4_key: bytes = field(repr=False)

    @property
    def vector(self) -> bytes:
        """The user id padded on the right with zeros to 16 bytes."""
        return self.user_id.encode().ljust(ID_BYTES, b"0")[:ID_BYTES]

    def closed(self, request: Mapping[str, Any], sigtim: str) -> str:
        """The request as DATA: signed, encrypted, base64."""
        message = {"request": request, "signature": {"sigdat": PLACEHOLDER, "sigtim": sigtim}}
        signature = signed(compact(message).encode(), self.private, self.public, self.vector)
        message["signature"] = {"sigdat": base64.b64encode(signature).decode(), "sigtim": sigtim}
        return base64.b64encode(_cipher(self.sm4_key, sm4.SM4_ENCRYPT, self.vector, compact(message).encode())).decode()

    def opened(self, data: str) -> str:
        """The text inside DATA once it is proven to be the bank's; raises UnexpectedShape or NotAuthorized."""
        text = self._decrypted(data)
        found = SIGNATURE.search(text)
        if found is None:
            raise NotAuthorized("the answer carries no signature, so it may not come from the bank")
        try:
            given = base64.b64decode(json.loads(f'"{found[2]}"', parse_float=Decimal), validate=True)
        except (binascii.Error, ValueError):
            given = b""
        candidates = (SIGNATURE.sub(rf'\1"{PLACEHOLDER}"', text, count=1), _sorted(text))
        if not any(verified(c.encode(), given, self.bank_public, self.vector) for c in candidates if c):
            raise NotAuthorized("the answer's signature is wrong; check bank_public_key and user_id")
        return text

    def _decrypted(self, data: str) -> str:
        try:
            packed = base64.b64decode(data.strip(), validate=True)
        except (binascii.Error, ValueError):
            packed = b""
        if not packed or len(packed) % BLOCK_BYTES:
            raise UnexpectedShape(f"the answer is no sealed text but {len(data)} other letters, or it was cut off")
        plain = _cipher(self.sm4_key, sm4.SM4_DECRYPT, self.vector, packed)
        padding = plain[-1]
        if not 1 <= padding <= BLOCK_BYTES or plain[-padding:] != bytes([padding]) * padding:
            raise UnexpectedShape(
                "the answer cannot be opened; check sm4_key and user_id, or it was damaged on its way"
            )
        try:
            return plain[:-padding].decode()
        except UnicodeDecodeError as error:
            raise UnexpectedShape("the answer opens to no UTF-8 text; check sm4_key, or it was damaged") from error


def _sorted(text: str) -> str:
    """The text parsed and written again in the form that is signed; empty where it is no message."""
    try:
        message = json.loads(text, parse_float=Decimal)
        message["signature"]["sigdat"] = PLACEHOLDER
        return compact(message)
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def _cipher(key: bytes, mode: int, vector: bytes, text: bytes) -> bytes:
    """SM4-CBC. Decrypted text keeps its padding: the library takes it off without a look at it."""
    cipher = sm4.CryptSM4(padding_mode=sm4.PKCS7)
    cipher.set_key(key, mode)
    if mode == sm4.SM4_ENCRYPT:
        return bytes(cipher.crypt_cbc(vector, text))
    blocks, before = [], vector
    for start in range(0, len(text), BLOCK_BYTES):
        block = text[start : start + BLOCK_BYTES]
        plain = cipher.one_round(cipher.sk, block)
        blocks.append(bytes(left ^ right for left, right in zip(plain, before, strict=True)))
        before = block
    return b"".join(blocks)


def digest(text: bytes) -> bytes:
    """SM3."""
    return bytes.fromhex(sm3.sm3_hash(list(text)))


def message_digest(text: bytes, public: str, user_id: bytes) -> bytes:
    """SM3 over the signer's identity (id, curve, public key) and the text, as GB/T 32918.2 §5.5 and §6.1 have it."""
    curve = bytes.fromhex(CURVE["a"] + CURVE["b"] + CURVE["g"] + public)
    return digest(digest((len(user_id) * 8).to_bytes(2, "big") + user_id + curve) + text)


def signed(
    text: bytes, private: int, public: str, user_id: bytes, number: Callable[[int], int] = secrets.randbelow
) -> bytes:
    """r‖s, 64 bytes. ``number`` draws the secret of one signature, below its argument.

    Whoever guesses that secret has the private key, so it never comes from the generator that spreads retries.
    """
    hashed = message_digest(text, public, user_id)
    for _ in range(MOST_DRAWS):
        found = _curve(public, private).sign(hashed, f"{number(ORDER - 1) + 1:064x}")
        if found is not None:
            return bytes.fromhex(found)
    raise NotAuthorized("no signature can be made with private_key; check it")


def verified(text: bytes, signature: bytes, public: str, user_id: bytes) -> bool:
    """Whether r‖s belongs to exactly this text; numbers outside the order are none."""
    if len(signature) != 2 * NUMBER_BYTES:
        return False
    r, s = (int.from_bytes(part, "big") for part in (signature[:NUMBER_BYTES], signature[NUMBER_BYTES:]))
    if not (0 < r < ORDER and 0 < s < ORDER and (r + s) % ORDER):
        return False
    return bool(_curve(public).verify(signature.hex(), message_digest(text, public, user_id)))


def _curve(public: str, private: int = 0) -> sm2.CryptSM2:
    curve = sm2.CryptSM2(private_key=f"{private:064x}", public_key=public)
    # the library strips every 0 and 4 a key starts with, also where they belong to it
    curve.public_key = public
    return curve


def private_number(text: str, credential: str) -> int:
    """An SM2 private key from base64 or hexadecimal of its 32 bytes."""
    number = int.from_bytes(_key_bytes(text, credential, {NUMBER_BYTES}), "big")
    if not 0 < number < ORDER - 1:
        raise NotAuthorized(f"credential {credential} is no SM2 private key: its number is outside the curve's order")
    return number


def public_point(text: str, credential: str) -> str:
    """An SM2 public key (64 bytes, or 65 with the leading 04) from base64 or hexadecimal, as 128 digits."""
    point = _key_bytes(text, credential, {2 * NUMBER_BYTES, 2 * NUMBER_BYTES + 1})
    if len(point) > 2 * NUMBER_BYTES:
        point = point.removeprefix(POINT_MARK)
    x, y = (int.from_bytes(part, "big") for part in (point[:NUMBER_BYTES], point[NUMBER_BYTES:]))
    a, b = int(CURVE["a"], 16), int(CURVE["b"], 16)
    if len(point) != 2 * NUMBER_BYTES or (y * y - x * x * x - a * x - b) % PRIME:
        raise NotAuthorized(f"credential {credential} is no SM2 public key: it is no point of the curve")
    return point.hex()


def public_of(private: int) -> str:
    """The public half of a private key."""
    return str(_curve("0" * 128)._kg(private, CURVE["g"]))  # noqa: SLF001 - the library has no name for it


def cipher_key(text: str, credential: str) -> bytes:
    """An SM4 key: its 16 letters as the bank shows them, or 32 hexadecimal digits."""
    if len(text.encode()) == BLOCK_BYTES:
        return text.encode()
    return _key_bytes(text, credential, {BLOCK_BYTES})


def _key_bytes(text: str, credential: str, lengths: set[int]) -> bytes:
    packed = "".join(text.split())
    for read in (bytes.fromhex, lambda value: base64.b64decode(value, validate=True)):
        try:
            found = read(packed)
        except (binascii.Error, ValueError):
            continue
        if len(found) in lengths:
            return found
    allowed = " or ".join(str(length) for length in sorted(lengths))
    raise NotAuthorized(f"credential {credential} is no key of {allowed} bytes; allowed: base64 or hexadecimal")
