"""As much of GraphQL as one query with variables needs: reading it, counting it, and picking what it names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\.\.\.|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+|[{}()\[\]:$!=,@]|\s+|#[^\n]*')


class GraphError(Exception):
    """A query that cannot be answered; ``code`` is what the platform calls it."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Field:
    """One field asked for, with its arguments and what is wanted of it."""

    name: str
    alias: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple["Field", ...] = ()


@dataclass(slots=True)
class _Reader:
    tokens: list[str]
    variables: Mapping[str, Any]
    place: int = 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise GraphError(f"Parse error on {token!r}", "undefinedParse")
        self.place += 1
        return token

    def operation(self) -> tuple[Field, ...]:
        if self.peek() == "query":
            while self.peek() != "{":
                if self.take() == "(":
                    while self.take() != ")":
                        pass
        fields = self.selection()
        if self.peek():
            raise GraphError("one query at a time", "undefinedParse")
        return fields

    def selection(self) -> tuple[Field, ...]:
        self.take("{")
        found = []
        while self.peek() != "}":
            found.append(self.field())
        self.take("}")
        return tuple(found)

    def field(self) -> Field:
        alias = name = self.take()
        if self.peek() == ":":
            self.take()
            name = self.take()
        arguments: dict[str, Any] = {}
        if self.peek() == "(":
            self.take()
            while self.peek() != ")":
                key = self.take()
                self.take(":")
                arguments[key] = self.value()
                if self.peek() == ",":
                    self.take()
            self.take()
        return Field(name, alias, arguments, self.selection() if self.peek() == "{" else ())

    def value(self) -> Any:
        word = self.take()
        if word == "$":
            return self.variables.get(self.take())
        if word.startswith('"'):
            return word[1:-1].replace('\\"', '"')
        if word.lstrip("-").isdecimal():
            return int(word)
        return {"true": True, "false": False, "null": None}.get(word, word)


def read(query: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields at the query's root."""
    tokens, place = [], 0
    while place < len(query):
        found = _TOKEN.match(query, place)
        if not found:
            raise GraphError(f"Parse error on {query[place]!r}", "undefinedParse")
        place = found.end()
        if not found[0].isspace() and not found[0].startswith("#"):
            tokens.append(found[0])
    return _Reader(tokens, variables).operation()


def cost(fields: tuple[Field, ...]) -> int:
    """Points of a selection: one for each record that its sizes allow."""
    total = 0
    for item in fields:
        size = item.arguments.get("first")
        within = cost(item.fields)
        total += size * (1 + within) if isinstance(size, int) else within
    return total


def pick(value: Any, fields: tuple[Field, ...], kind: str = "Object") -> Any:
    """What the fields name of a value; a function is called with the field's arguments."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, list):
        return [pick(item, fields, kind) for item in value]
    found = {}
    for item in fields:
        if item.name not in value:
            raise GraphError(f"Field '{item.name}' doesn't exist on type '{kind}'", "undefinedField")
        inner = value[item.name]
        if callable(inner):
            inner = inner(item.arguments)
        elif isinstance(inner, list) and isinstance(item.arguments.get("first"), int):
            inner = inner[: item.arguments["first"]]
        found[item.alias] = pick(inner, item.fields, item.name)
    return found


Resolver = Callable[[Mapping[str, Any]], Any]
