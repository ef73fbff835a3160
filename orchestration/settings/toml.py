"""Strict reading of TOML: every key is known, every value has its type, every error says where."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from orchestration.settings.errors import SettingsError


def read_toml(path: Path) -> dict[str, Any]:
    """Parse the file; numbers with a decimal point become Decimal."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        raise SettingsError(path, "", "there is no such file; run `tieout init` or give --config") from None
    except UnicodeDecodeError as error:
        raise SettingsError(path, f"byte {error.start}", "is no UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, "", f"is no valid TOML: {error}") from None
    except OSError as error:
        raise SettingsError(path, "", f"cannot be read: {error.strerror}") from None


class Section:
    """One table of the file. An unknown key is an error as soon as the section is opened."""

    def __init__(self, file: Path, where: str, data: Any, allowed: Sequence[str]) -> None:
        if not isinstance(data, Mapping):
            raise SettingsError(file, where, "must be a table of keys and values")
        self.file = file
        self.where = where
        self.data: Mapping[str, Any] = data
        for key in data:
            if key not in allowed:
                raise self.error(key, f"unknown key; allowed are {', '.join(sorted(allowed))}")

    def error(self, key: str, sentence: str) -> SettingsError:
        """An error about one key of this section."""
        return SettingsError(self.file, f"{self.where} {key}".strip(), sentence)

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there."""
        value = self.optional_text(key)
        if value is not None:
            return value
        if default is None:
            raise self.error(key, "is missing; it must be given as text in quotes")
        return default

    def optional_text(self, key: str) -> str | None:
        """A text that is not empty, or None when the key is absent."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"{value!r} is no text; write it in quotes and not empty")
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(key, f"{value!r} is not allowed; use one of {', '.join(allowed)}")
        return value

    def whole(self, key: str, default: int, lowest: int = 0, highest: int | None = None) -> int:
        """A whole number inside a range."""
        value = self.data.get(key, default)
        number = isinstance(value, int) and not isinstance(value, bool)
        if not number or value < lowest or (highest is not None and value > highest):
            limit = f"from {lowest}" + (f" to {highest}" if highest is not None else " up")
            raise self.error(key, f"{value!r} is not allowed; use a whole number {limit}")
        return int(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"{value!r} is neither true nor false; write one of them")
        return value

    def day(self, key: str, default: date | None = None) -> date:
        """A TOML date, without a time."""
        value = self.data.get(key, default)
        if value is None:
            raise self.error(key, "is missing; write a date such as 2026-10-01, without quotes")
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(key, f"{value!r} is no date; write it such as 2026-10-01, without quotes")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; absent is empty."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.error(key, 'must be a list of texts, such as ["a", "b"]')
        return tuple(value)

    def table(self, key: str) -> Mapping[str, Any]:
        """A table below this one; absent is empty."""
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(key, "must be a table of keys and values")
        return value


def tables(file: Path, data: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The ``[[name]]`` tables of the file, each with how an error should call it."""
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise SettingsError(file, f"[[{name}]]", f"must be written as [[{name}]], once for each")
    return [
        (f"[[{name}]] {item.get('code') or item.get('name') or f'number {position}'}", item)
        for position, item in enumerate(found, start=1)
    ]
