"""Portable SQL: what a compiled model uses that is not in portable_sql.toml, dispatched macros left out of account."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any

import sqlglot
from sqlglot import TokenType, exp

LIST = tomllib.loads((Path(__file__).parent / "portable_sql.toml").read_text(encoding="utf-8"))
DISPATCHED = "dispatched"
"""What stands in a compiled model where a dispatched macro was called."""
WORDLESS = {TokenType.STRING, TokenType.NUMBER, TokenType.IDENTIFIER}
QUOTED = re.compile(r"""(['"`])(?:\{\{.*?\}\}|\{%.*?%\}|(?!\1).)*\1""", re.DOTALL)
HEAD = re.compile(r"\{%-?\s*macro (\w+)\((.*?)\)\s*-?%\}", re.DOTALL)
A_TIME = re.compile(r"(.*_)?(on|at|day|date)")


def without_body(macro_sql: str) -> str:
    """A dispatched macro with a marked call for its body; the arguments that it writes as SQL stay."""
    head = HEAD.search(macro_sql)
    assert head, macro_sql
    written = re.findall(r"\{\{-?\s*(\w+)\s*-?\}\}", QUOTED.sub("", macro_sql))
    kept = [name for name in re.findall(r"\w+", head[2]) if name in written]
    call = f"({', '.join(f'{{{{ {name} }}}}' for name in kept)})" if kept else ""
    return f"{{% macro {head[1]}({head[2]}) %}}{DISPATCHED}{call}{{% endmacro %}}"


def refused(sql: str) -> set[str]:
    """Every function, type, sign and clause of a compiled model that is not on the list."""
    return {*_names(sql), *_clauses(sql)}


def _names(sql: str) -> Iterator[str]:
    """As they are written: the parser has one name for varchar and string, and one for len and length."""
    opened: list[str] = []
    before, word = "", ""
    for token in sqlglot.tokenize(sql, dialect="duckdb"):
        last, before, word = before, word, "" if token.token_type in WORDLESS else token.text.lower()
        if token.token_type is TokenType.STRING and "\\" in token.text:
            yield "a backslash in a text"
        if word and not re.match(r"\w", word) and word not in {*LIST["signs"], "]", "}"}:
            yield word
        if word == "from" and before == ",":
            yield "a comma before from"
        if word == "(":
            is_call = before.isidentifier() and before not in LIST["words"] and last != "as"
            if is_call and before not in {DISPATCHED, *LIST["functions"]}:
                yield f"{before}()"
            opened.append(before if is_call else "")
        elif word == ")":
            opened.pop()
        elif (
            before == "as"
            and opened
            and opened[-1] in {"cast", "try_cast"}
            and word not in {DISPATCHED, *LIST["types"]}
        ):
            yield f"type {word}"


def _clauses(sql: str) -> Iterator[str]:
    for node in sqlglot.parse_one(sql, dialect="duckdb").walk():
        clause = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
        if not isinstance(node, exp.Func) and clause not in LIST["clauses"]:
            yield clause
        yield from (what for what, kind, is_so in MANNERS if isinstance(node, kind) and is_so(node))


def _is_time(node: exp.Expression) -> bool:
    """By the names that the house gives to days and moments, or by a cast."""
    if isinstance(node, exp.Cast):
        return node.to.is_type("date", "timestamp", "timestamptz")
    return isinstance(node, exp.Column) and A_TIME.fullmatch(node.name) is not None


def _is_moment(node: Any) -> bool:
    """By the name that the house gives to it."""
    return isinstance(node, exp.Column) and node.name.endswith("_at")


def _is_text(node: exp.Expression) -> bool:
    """Whether it makes a text of what it holds."""
    return isinstance(node, exp.DPipe) or node.to.is_type("text")


def _name(node: exp.Expression) -> exp.Expression | None:
    """The identifier of a column or of its new name."""
    return node.args.get("alias") or node.this


MANNERS: tuple[tuple[str, type[exp.Expression] | UnionType, Callable[[Any], object]], ...] = (
    ("with recursive", exp.With, lambda node: node.args.get("recursive")),
    ("as [not] materialized", exp.CTE, lambda node: node.args.get("materialized") is not None),
    ("* exclude or replace", exp.Star, lambda node: any(node.args.values())),
    ("group by all", exp.Group, lambda node: node.args.get("all")),
    ("distinct on", exp.Distinct, lambda node: node.args.get("on")),
    ("union by name", exp.Union, lambda node: node.args.get("by_name")),
    ("asof or positional join", exp.Join, lambda node: node.args.get("method")),
    ("an aggregate in order", exp.Order, lambda node: not isinstance(node.parent, exp.Query | exp.Window)),
    ("a window with filter", exp.Window, lambda node: isinstance(node.this, exp.Filter)),
    ("a window with distinct", exp.Window, lambda node: node.this.find(exp.Distinct)),
    ("a window by range", exp.WindowSpec, lambda node: str(node.args.get("kind")).lower() == "range"),
    ("another part of a time", exp.Extract, lambda node: node.name.lower() not in LIST["parts"]),
    ("trim(text, signs)", exp.Trim, lambda node: node.expression and not node.args.get("position")),
    ("a time minus a time", exp.Sub, lambda node: _is_time(node.expression)),
    (
        "a moment as text",
        exp.DPipe | exp.Cast,
        lambda node: _is_text(node) and any(map(_is_moment, node.args.values())),
    ),
    ("a quoted name", exp.Alias | exp.Column, lambda node: (name := _name(node)) and name.args.get("quoted")),
)
"""What is refused of a clause or function that is allowed."""
