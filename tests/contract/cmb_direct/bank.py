"""The bank's side for the tests: opens and proves what it is sent, seals what it answers.

Cipher and hash come from ``cryptography``, the curve from the sandbox's own numbers: neither is what the client uses.
"""

import base64
import json

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from connectors.cmb_direct import SOURCE
from connectors.sandbox import sm2

[LINES] = SOURCE.streams
USER, ACCOUNT, SM4_KEY = "U003736239", "755947919810515", "VuAzSWQhsoNqzn0K"
VECTOR = b"U003736239000000"
MERCHANT, BANK = (bytes([number]) * 32 for number in (0x11, 0x22))
CREDENTIALS = {
    "user_id": USER,
    "account_no": ACCOUNT,
    "private_key": base64.b64encode(MERCHANT).decode(),
    "sm4_key": SM4_KEY,
    "bank_public_key": base64.b64encode(sm2.public_key(BANK)).decode(),
}
PLACEHOLDER = "__signature_sigdat__"
X1, Y1, Z1, Z2 = (f"TRANSQUERYBYBREAKPOINT_{name}" for name in ("X1", "Y1", "Z1", "Z2"))


def canonical(message):
    return json.dumps(message, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def cipher():
    return Cipher(SM4(SM4_KEY.encode()), CBC(VECTOR))


def opened(form):
    """The message of a form once its signature is proven; the text must be the one that was signed."""
    decryptor, unpadder = cipher().decryptor(), PKCS7(128).unpadder()
    plain = unpadder.update(decryptor.update(base64.b64decode(form["DATA"])) + decryptor.finalize())
    text = (plain + unpadder.finalize()).decode()
    message = json.loads(text)
    given = message["signature"]["sigdat"]
    assert canonical(message) == text
    signed = text.replace(given, PLACEHOLDER)
    assert sm2.is_signed(signed.encode(), base64.b64decode(given), sm2.public_key(MERCHANT), VECTOR)
    return message


def closed(text):
    """Any text, encrypted."""
    padder, encryptor = PKCS7(128).padder(), cipher().encryptor()
    body = encryptor.update(padder.update(text.encode()) + padder.finalize()) + encryptor.finalize()
    return base64.b64encode(body)


def signed(message, key=BANK, write=canonical):
    """The text of a message with the bank's signature over it, in the form that ``write`` gives it."""
    blank = message | {"signature": {"sigdat": PLACEHOLDER, "sigtim": "20261009120001"}}
    mark = base64.b64encode(sm2.sign(write(blank).encode(), key, VECTOR)).decode()
    return write(blank).replace(PLACEHOLDER, mark)


def row(number, amount, balance, **changed):
    """One movement; ``amount`` as the bank writes it, debits negative."""
    return {
        "transDate": "20261008", "transTime": "101530", "valueDate": "20261008", "transSequenceIdn": f"T{number}",
        "loanCode": "D" if str(amount).startswith("-") else "C", "transAmount": str(amount), "currencyNbr": "10",
        "ctpAcctNbr": "957151020441242810", "ctpAcctName": "对手方公司", "remarkTextClt": "货款   ", "reversalFlag": "N",
        "acctOnlineBal": str(balance),
    } | changed  # fmt: skip


def cents(text):
    whole, _, part = str(text).partition(".")
    value = int(whole.lstrip("+-") or 0) * 100 + int(f"{part:0<2}"[:2])
    return -value if str(text).startswith("-") else value


def point(value):
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"


def page(rows=(), *, more="", place=1, head=(), **control):
    """An answer; ``more`` is the ``queryAcctNbr`` to go on with, where it goes on."""
    sides = {side: [cents(one["transAmount"]) for one in rows if one["loanCode"] == side] for side in "CD"}
    sums = {
        "ctnFlag": "Y" if more else "N", "queryAcctNbr": more,
        "creditNums": str(len(sides["C"])), "creditAmount": point(sum(sides["C"])),
        "debitNums": str(len(sides["D"])), "debitAmount": point(sum(sides["D"])),
    }  # fmt: skip
    cursor = [
        {"acctNbr": f"{ACCOUNT}1", "transDate": "20261008", "expectNextSequence": "1"},
        {"acctNbr": ACCOUNT, "transDate": "20261008", "expectNextSequence": str(place)},
    ]
    body = {Y1: cursor, Z1: [sums | control], Z2: list(rows)}
    told = {"funcode": "trsQryByBreakPoint", "resultcode": "SUC0000", "resultmsg": ""} | dict(head)
    return {"response": {"body": body, "head": told}}


def chain(amounts, opening=0, **changed):
    """Rows whose balances follow from each other; amounts and opening in cents."""
    rows, balance = [], opening
    for number, amount in enumerate(amounts, 1):
        balance += amount
        rows.append(row(number, point(amount), point(balance), **changed))
    return rows


def read(folder, connection, *pages, name="lines.ndjson"):
    """The pages saved as a bundle, or as what the name says, and unpacked."""
    body = b"".join(
        one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in pages
    )
    path = folder / name
    path.write_bytes(body)
    return LINES.unpack(path, name.rpartition(".")[2], folder, connection, name)


def lines(unpacked, connection):
    """The bank lines of what was not refused; none may be in quarantine."""
    assert unpacked.refused is None, unpacked.refused
    found = LINES.canonical(unpacked, connection)
    assert () == found.quarantine
    return found.streams["bank_lines"]
