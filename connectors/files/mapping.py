"""From the user's own columns to the template's: the settings' mapping as rules, checked against a header."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.core.protocol import ColumnRule, Connection
from connectors.core.text import Refused, heading
from connectors.files.templates import required_columns, table_columns

KEYS = frozenset({"const", "column", "columns", "join", "map", "format", "scale"})


def rule_of(stream: str, column: str, given: Any) -> ColumnRule:
    """One mapping entry as a rule; a wrong one names itself."""
    where = f"mapping.{stream}.{column}"
    if isinstance(given, str):
        return ColumnRule(columns=(given,))
    if not isinstance(given, Mapping) or not given or set(given) - KEYS:
        raise Refused(f"{where} is not understood; allowed: a column name, or a table of {', '.join(sorted(KEYS))}")
    columns = given.get("columns", [given["column"]] if "column" in given else [])
    const = given.get("const")
    if (const is None) == (not columns):
        raise Refused(f"{where} needs exactly one of const, column, columns")
    words = given.get("map")
    return ColumnRule(
        columns=tuple(str(name) for name in columns),
        const=None if const is None else str(const),
        join=str(given.get("join", "")),
        map=None if words is None else {str(theirs): str(ours) for theirs, ours in words.items()},
        format=given.get("format"),
        scale=None if given.get("scale") is None else str(given["scale"]),
    )


def mapping_of(connection: Connection, stream: str) -> dict[str, ColumnRule]:
    """The connection's rules for a stream; empty when it brings the template's own names."""
    given = connection.options.get("mapping", {}).get(stream, {})
    unknown = sorted(set(given) - set(table_columns(stream)))
    if unknown:
        raise Refused(f"mapping.{stream}.{unknown[0]} does not exist; allowed: {', '.join(table_columns(stream))}")
    return {column: rule_of(stream, column, entry) for column, entry in given.items()}


def placed(
    name: str, stream: str, header: Sequence[str], rules: Mapping[str, ColumnRule]
) -> tuple[dict[str, ColumnRule], tuple[str, ...]]:
    """(rule per canonical column, notes) for a file's header; refuse it when a required column has no source.

    Without a mapping the result is empty: names are taken as they are. Headings are compared in one form.
    """
    by_form = {heading(column): column for column in header}
    found: dict[str, ColumnRule] = {}
    notes: list[str] = []
    required = required_columns(stream)
    for column, rule in rules.items():
        missing = [theirs for theirs in rule.columns if heading(theirs) not in by_form]
        if missing and column in required:
            raise Refused(
                f"{name} has no column {missing[0]!r}, which {stream}.{column} is mapped to; its columns are: "
                f"{', '.join(header)}"
            )
        if missing:
            notes.append(f"column {missing[0]!r} is missing, so {stream}.{column} stays empty")
            continue
        found[column] = ColumnRule(
            columns=tuple(by_form[heading(theirs)] for theirs in rule.columns),
            const=rule.const,
            join=rule.join,
            map=rule.map,
            format=rule.format,
            scale=rule.scale,
        )
    for column in table_columns(stream):
        if column not in rules and column in header:
            found[column] = ColumnRule(columns=(column,))
    absent = [column for column in required if column not in found]
    if absent:
        raise Refused(
            f"{name} has no column {absent[0]}; {stream} needs: {', '.join(required)}. Rename it or add a mapping"
        )
    return (found if rules else {}), tuple(notes)
