"""The ``[parameters]`` section: names, allowed values and defaults of the domain's parameter table."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

from orchestration.settings.errors import SettingsError

LARGEST_RATE = Decimal(1)
MONEY = {"amount_tol", "bank_tol", "fee_tol_txn", "batch_tol_per_line", "batch_tol_max", "writeoff_item"} | {
    "writeoff_month",
    "tax_gap_abs",
}
RATES = {"provision_rate", "tax_gap_pct"}


@dataclass(frozen=True, slots=True)
class Parameters:
    """Tolerances, spans of time and modes. Rates per platform are rule rows, not parameters."""

    amount_tol: Decimal = Decimal("0.00")
    bank_tol: Decimal = Decimal("0.00")
    fee_tol_txn: Decimal = Decimal("0.01")
    batch_tol_per_line: Decimal = Decimal("0.01")
    batch_tol_max: Decimal = Decimal("1.00")
    cross_day_minutes: int = 30
    sync_hours: int = 24
    date_window_days: int = 1
    refund_sla_days: int = 7
    return_refund_hours: int = 72
    refund_return_days: int = 15
    recognition_point: Literal["confirmed", "signed", "shipped", "delivered"] = "confirmed"
    subsidy_tax_mode: Literal["goods", "service"] = "goods"
    fee_vat_mode: Literal["on_invoice", "at_once"] = "on_invoice"
    refund_entry_style: Literal["red", "opposite"] = "red"
    voucher_granularity: Literal["day", "order"] = "day"
    provision_mode: Literal["off", "on"] = "off"
    provision_rate: Decimal | None = None
    provision_window_days: int = 30
    writeoff_item: Decimal = Decimal("1.00")
    writeoff_month: Decimal = Decimal("50.00")
    fx_booking: Literal["month_first", "daily"] = "month_first"
    fx_month_end: Literal["central_parity"] = "central_parity"
    cost_method: Literal["moving_average"] = "moving_average"
    tax_gap_pct: Decimal = Decimal("0.01")
    tax_gap_abs: Decimal = Decimal(10000)


def read_parameters(section: Mapping[str, Any], file: Path) -> Parameters:
    """Check names, types and ranges; what is not given keeps its default."""
    known = {item.name: item for item in fields(Parameters)}
    given: dict[str, Any] = {}
    for name, value in section.items():
        where = f"[parameters] {name}"
        if name not in known:
            raise SettingsError(file, where, f"unknown parameter; allowed are {', '.join(sorted(known))}")
        given[name] = _checked(name, value, get_args(known[name].type), file, where)
    parameters = Parameters(**given)
    if parameters.provision_mode == "on" and parameters.provision_rate is None:
        raise SettingsError(
            file, "[parameters] provision_rate", 'is missing; provision_mode = "on" needs a rate of 0 to 1'
        )
    return parameters


def _checked(name: str, value: Any, allowed: tuple[Any, ...], file: Path, where: str) -> Any:
    if name in MONEY | RATES:
        return _number(name, value, file, where)
    if allowed:
        if value not in allowed:
            raise SettingsError(file, where, f"{value!r} is not allowed; use one of {', '.join(map(str, allowed))}")
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SettingsError(file, where, f"{value!r} is no whole number of 0 or more")
    return value


def _number(name: str, value: Any, file: Path, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise SettingsError(file, where, f"{value!r} is no number; write it plainly, such as 0.01")
    number = Decimal(value)
    if not number.is_finite() or number < 0 or (name in RATES and number > LARGEST_RATE):
        limit = "a rate of 0 to 1" if name in RATES else "an amount of 0 or more"
        raise SettingsError(file, where, f"{value} is not allowed; use {limit}")
    exponent = number.normalize().as_tuple().exponent
    if name in MONEY and isinstance(exponent, int) and exponent < -2:  # noqa: PLR2004 - money has two decimals
        raise SettingsError(file, where, f"{value} has more than two decimals; amounts are exact to 0.01")
    return number
