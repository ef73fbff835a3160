"""The rule tables: which exist, their columns, what a cell may hold.

A file in ``rules_dir`` replaces the shipped table of its name.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final

from orchestration.settings.errors import SettingsError

ROW_COLUMNS: Final = ("rule_id", "valid_from", "valid_to", "evidence")
RULE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "fee_rules": (
        *("platform", "store", "account", "fee_type", "category", "base", "rate", "fixed", "minimum", "maximum"),
        *("refundable", "after_refunds", "date_basis"),
    ),
    "settlement_rules": (
        *("platform", "store", "trigger", "lag_days", "day_kind", "tier", "net_or_gross", "wallet_lag_days"),
    ),
    "promise_rules": ("platform", "ship_mode", "ship_hours", "pickup_hours"),
    "match_rules": (
        *("level", "pass", "keys", "window_before", "window_after", "day_kind", "tolerance_below", "tolerance_above"),
    ),
    "flow_categories": ("source", "business_type", "remark_pattern", "category", "needs_order", "priority"),
    "provision_rules": ("platform", "store", "rate", "window_days"),
    "posting_rules": (
        *("template", "event", "component", "taxpayer", "accounting_standard", "side", "account_code", "amount"),
        *("sign", "dimensions", "summary"),
    ),
    "accounts": ("accounting_standard", "account_code", "name", "parent", "dimensions"),
    "account_mapping": (
        *("entity", "layout", "account_code", "target_code", "target_name", "dimension", "our_value", "target_value"),
    ),
    "fx_rates": ("currency", "rate_on", "rate", "kind", "source"),
    "bank_calendar": ("calendar", "day", "is_open"),
    "campaigns": ("platform", "name", "starts_on", "ends_on"),
    "freight_rates": ("carrier", "zone", "first_weight", "first_price", "step_weight", "step_price"),
    "owners": ("code", "severity", "role", "person", "sla_hours"),
    "people": ("person", "roles", "limit_amount", "public_key"),
}
DAYS: Final = {"valid_from", "valid_to", "rate_on", "day", "starts_on", "ends_on"}
AMOUNTS: Final = {
    *("rate", "fixed", "minimum", "maximum", "tolerance_below", "tolerance_above", "limit_amount"),
    *("first_weight", "first_price", "step_weight", "step_price"),
}
COUNTS: Final = {
    *("lag_days", "wallet_lag_days", "ship_hours", "pickup_hours", "window_before", "window_after"),
    *("priority", "window_days", "sla_hours"),
}
TRUTHS: Final = {"refundable", "after_refunds", "needs_order", "is_open"}
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "base": ("consideration", "goods_less_discount", "buyer_paid", "buyer_paid_less_freight", "order_amount", "fixed"),
    "date_basis": ("ordered", "paid", "confirmed"),
    "trigger": ("paid", "shipped", "signed", "confirmed", "completed", "payout"),
    "day_kind": ("calendar", "working"),
    "net_or_gross": ("net", "gross"),
    "severity": ("S1", "S2", "S3", "S4"),
}


def default_rules() -> Mapping[str, Path]:
    """The shipped tables, by name."""
    folder = resources.files("orchestration.settings") / "rules"
    return {path.stem: path for path in sorted(Path(str(folder)).glob("*.csv"))}


def rule_tables(rules_dir: Path | None) -> Mapping[str, Path]:
    """The tables in force: the shipped ones, replaced by those of ``rules_dir``; each is checked."""
    found = dict(default_rules())
    if rules_dir is not None:
        for path in sorted(rules_dir.glob("*.csv")):
            if path.stem not in RULE_COLUMNS:
                raise SettingsError(path, "", f"is no rule table; allowed names are {', '.join(RULE_COLUMNS)}")
            found[path.stem] = path
    for table, path in found.items():
        check_rules(table, path)
    return found


def read_rules(table: str, path: Path, body: bytes | None = None) -> list[tuple[int, dict[str, str]]]:
    """Every row with its line, cells stripped. ``body`` stands in for the file where it lies in the archive."""
    text = _text(path, path.read_bytes() if body is None else body)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        needed = ROW_COLUMNS if table == "people" else (*RULE_COLUMNS[table], *ROW_COLUMNS)
        needed = RULE_COLUMNS[table] if table == "people" else needed
        missing = [column for column in needed if column not in header]
        if missing or len(set(header)) != len(header):
            said = f"misses {', '.join(missing)}" if missing else "names a column twice"
            raise SettingsError(path, "line 1", f"{said}; the columns of {table} are {', '.join(needed)}")
        rows: list[tuple[int, dict[str, str]]] = []
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    raise SettingsError(path, f"line {line}", f"has {len(cells)} cells; the heading has {len(header)}")
                rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SettingsError(path, f"line {reader.line_num}", f"is no valid CSV: {error}") from None
    return rows


def check_rules(table: str, path: Path) -> None:
    """Raise SettingsError for the first cell that is not allowed, with its line and column."""
    seen: dict[str, int] = {}
    for line, row in read_rules(table, path):
        key = row.get("rule_id") or (row["person"] if table == "people" else "")
        if not key:
            raise SettingsError(path, f"line {line} rule_id", "is empty; every rule has a name of its own")
        if key in seen:
            raise SettingsError(path, f"line {line}", f"repeats {key} of line {seen[key]}; rule_id must be unique")
        seen[key] = line
        for column, cell in row.items():
            problem = _problem(column, cell) if cell else None
            if problem:
                raise SettingsError(path, f"line {line} {column}", f"{cell!r} is not allowed; {problem}")
        if row.get("valid_from") and row.get("valid_to") and row["valid_to"] < row["valid_from"]:
            raise SettingsError(path, f"line {line} valid_to", "is before valid_from; a rule ends after it begins")


def _problem(column: str, cell: str) -> str | None:
    tests: Sequence[tuple[bool, Callable[[str], bool], str]] = (
        (column in DAYS, _is_day, "write a day such as 2026-10-01"),
        (column in AMOUNTS, _is_decimal, "write a plain decimal such as 0.006"),
        (column in COUNTS, lambda text: bool(re.fullmatch(r"[0-9]{1,6}", text)), "write a whole number"),
        (column in TRUTHS, lambda text: text in {"true", "false"}, "write true or false"),
        (column in WORDS, lambda text: text in WORDS[column], f"use one of {', '.join(WORDS.get(column, ()))}"),
        (column.endswith("_pattern"), _is_pattern, "write an RE2 pattern that covers the whole text"),
    )
    return next((advice for applies, good, advice in tests if applies and not good(cell)), None)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_decimal(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,6})?", text))


def _is_pattern(text: str) -> bool:
    """RE2 has no look-around and no back-references; what Python cannot compile RE2 cannot either."""
    try:
        compiled = re.compile(text)
    except re.error:
        return False
    return not re.search(r"\(\?[=!<]|\\[1-9]", text) and compiled.pattern == text


def _text(path: Path, body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SettingsError(path, "", "is neither UTF-8 nor GB18030; save it as CSV UTF-8")
