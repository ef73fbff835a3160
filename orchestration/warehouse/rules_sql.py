"""Column rules of a mapping as SQL. A value that a rule cannot read stays as it is, and staging names it."""

from collections.abc import Mapping, Sequence

from connectors.core.protocol import ColumnRule, Part
from orchestration.warehouse.connect import name, text

SCALABLE = r"[+-]?[0-9]{1,16}(\.[0-9]{0,6}0*)?"


def select_list(part: Part, columns: Sequence[str]) -> list[str]:
    """One expression for each column of the raw table, then ``extra``."""
    given = set(part.columns)
    used = {part.line_column}
    expressions: list[str] = []
    for column in columns:
        rule = part.rules.get(column)
        if rule is not None:
            used.update(rule.columns)
            expressions.append(expression(rule, given))
        elif column in given:
            used.add(column)
            expressions.append(name(column))
        else:
            expressions.append("null")
    unknown = [column for column in part.columns if column not in used]
    return [*expressions, _extra(unknown)]


def _extra(unknown: Sequence[str]) -> str:
    """The cells of unknown columns that hold something, as JSON; null when none does."""
    if not unknown:
        return "null"
    keys = ", ".join(text(column) for column in unknown)
    cells = ", ".join(name(column) for column in unknown)
    pairs = f"list_filter(list_zip([{keys}], [{cells}]), lambda pair: pair[2] is not null)"
    return f"case when coalesce({cells}) is not null then cast(to_json(map_from_entries({pairs})) as varchar) end"


def expression(rule: ColumnRule, given: set[str]) -> str:
    """One rule: constant or columns, then map, time format, scale."""
    if rule.const is not None:
        value = text(rule.const)
    else:
        cells = [name(column) for column in rule.columns if column in given]
        if not cells:
            return "null"
        value = cells[0] if len(rule.columns) == 1 else f"nullif(concat_ws({text(rule.join)}, {', '.join(cells)}), '')"
    if rule.map:
        value = _mapped(value, rule.map)
    if rule.format:
        value = _time(value, rule.format)
    return _scaled(value, rule.scale) if rule.scale else value


def _mapped(value: str, words: Mapping[str, str]) -> str:
    cases = " ".join(f"when {text(theirs)} then {text(ours)}" for theirs, ours in words.items())
    return f"case trim({value}) {cases} else {value} end"


def _time(value: str, form: str) -> str:
    """ISO 8601: a day when the format has no clock, with ``Z`` when it has an offset."""
    parsed = f"try_strptime(trim({value}), {text(form)})"
    if "%z" in form.lower():
        shown = f"strftime({parsed} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
    elif any(letter in form for letter in ("%H", "%I", "%X", "%c", "%T", "%-H", "%-I")):
        shown = f"strftime({parsed}, '%Y-%m-%dT%H:%M:%S.%f')"
    else:
        shown = f"strftime({parsed}, '%Y-%m-%d')"
    return f"coalesce({shown}, {value})"


def _scaled(value: str, scale: str) -> str:
    """An exact product; both factors are DECIMAL, zeros behind the point are dropped."""
    bare = f"trim({value})"
    decimals = len(scale.partition(".")[2])
    whole = len(scale.partition(".")[0].lstrip("-"))
    product = f"cast({bare} as decimal(22, 6)) * cast({text(scale)} as decimal({whole + decimals}, {decimals}))"
    shown = f"cast({product} as varchar)"
    short = f"case when contains({shown}, '.') then rtrim(rtrim({shown}, '0'), '.') else {shown} end"
    return f"case when regexp_full_match({bare}, {text(SCALABLE)}) then {short} else {value} end"
