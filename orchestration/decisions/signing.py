"""Who said it: Ed25519 keys of people, signatures over events, and whether those of a log are their persons' own."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from orchestration.decisions.event import DecisionError, Event
from orchestration.decisions.person import Person
from orchestration.settings.keys import read_or_make_key

FILE_NAME: Final = re.compile(r"\w[\w.-]{0,63}")


def signer(data_dir: Path, person: Person) -> tuple[str, Callable[[Event], str]]:
    """The person's public key and what signs with the private one; a person without a public key gets a key pair."""
    path = key_path(data_dir, person.name)
    if person.public_key and not path.exists():
        raise DecisionError(f"the key of {person.name} is not at {path}: sign where that key lies")
    key = load_pem_private_key(read_or_make_key(path, _fresh).encode(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise DecisionError(f"{path} is no Ed25519 key")
    public = public_text(key)
    if person.public_key not in {"", public}:
        raise DecisionError(f"{path} is not the key that the rule table people names for {person.name}")
    return public, lambda event: base64.b64encode(key.sign(event.message)).decode()


def without_key(_: Event) -> str:
    """What stands in the place of a signature of a proposal that came as a file."""
    return ""


def key_path(data_dir: Path, name: str) -> Path:
    """Where the private key lies, readable by its owner alone."""
    if not FILE_NAME.fullmatch(name):
        raise DecisionError(f"{name!r} cannot be the name of a key file; use letters, digits, '.', '_' and '-'")
    return data_dir / "keys" / "people" / f"{name}.pem"


def public_text(key: Ed25519PrivateKey) -> str:
    """As ``people.public_key`` holds it: base64 of the 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def is_signed(event: Event, public: str) -> bool:
    """Whether the owner of this public key signed just this event at just this place."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(event.signature, validate=True), event.message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_unsigned(event: Event) -> bool:
    """Whether the event is a proposal that came as a file, and that nobody's key has signed."""
    return event.kind == "proposed" and not event.signature and bool(event.facts.get("is_unsigned"))


def signed_by_their_persons(events: Sequence[Event], people: Mapping[str, Person], known: int = 0) -> list[bool]:
    """For each event, without the first ``known`` ones, whether its person signed it.

    The key is the one that ``people`` names; where it names none, the first one that the person ever used.
    """
    keys = {name: person.public_key for name, person in people.items() if person.public_key}
    found: list[bool] = []
    for event in events:
        shown = str(event.facts.get("public_key", ""))
        is_known = event.person in people
        own = (keys.setdefault(event.person, shown) if shown else keys.get(event.person)) if is_known else ""
        if event.sequence > known:
            found.append(own == shown and is_signed(event, shown))
    return found


def _fresh() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
