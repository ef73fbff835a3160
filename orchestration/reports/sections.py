"""The parts of the daily report, the same ones on the page and in the workbook: a heading, a table, perhaps a chart.

A table's cells keep their types; how a number is written is decided by who shows it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, TypeVar

from orchestration.reports.daily import BUCKETS, DailyFacts, DayRate, Drift, Incident, Transit
from orchestration.reports.figures import Figures
from orchestration.settings.labels import Labels

Kind = Literal["text", "money", "count", "rate", "drift", "day"]
HUNDREDTHS: Final = 10_000
"""A chart counts rates in hundredths of a percent,"""
MILLIONTHS: Final = 1_000_000
"""and drifts in millionths."""
Dated = TypeVar("Dated", DayRate, Drift, Transit)
Unit = Literal["percent", "drift", "money"]
AT_MOST: Final = frozenset({"unexplained_rate", "open_over_30_days", "fee_drift"})
"""Indicators that should be small."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its label in ``labels.csv`` and what its cells are."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart shows: whole numbers by label and series; ``unit`` says of what."""

    shape: Literal["lines", "columns", "bars"]
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int | None, ...]], ...]
    unit: Unit


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    drawing: Drawing | None = None
    currency: str = ""


def sections(figures: Figures, facts: DailyFacts, words: Labels, currency: str) -> tuple[Section, ...]:
    """Charts first, in the order in which a day is looked at; ``currency`` is the one that is drawn."""
    return (
        _rates(facts, words, currency),
        _ages(facts, words, currency),
        _drift(facts, words, currency),
        _transit(facts, currency),
        _incidents(facts, words, currency),
        _broken(figures, facts, words),
        _waiting(figures, facts, words),
        _agreeing(figures, words),
        _incomplete(figures),
        _indicators(facts, words),
    )


def word(words: Labels, name: str, **asked: object) -> str:
    """A word of the report."""
    return words.say("report", name, **asked)


def _name(words: Labels, code: str, name: str, names_zh: Mapping[str, str]) -> str:
    return names_zh.get(code, name) if words.language == "zh" else name.replace("_", " ").lower()


def _whole(value: Decimal | None, times: int = 1) -> int | None:
    return None if value is None else int((value * times).quantize(Decimal(1), ROUND_HALF_UP))


def _drawn(
    shape: Literal["lines", "columns", "bars"],
    labels: Sequence[str],
    series: Mapping[str, Callable[[int], int | None]],
    unit: Unit,
) -> Drawing | None:
    """Nothing to draw where there are no labels."""
    if not labels or not series:
        return None
    values = tuple((name, tuple(of(place) for place in range(len(labels)))) for name, of in series.items())
    return Drawing(shape, tuple(labels), values, unit)


def _newest_first(rows: Sequence[Dated]) -> list[Dated]:
    return sorted(rows, key=lambda row: row.day, reverse=True)


def _short(day: date) -> str:
    return f"{day:%m-%d}"


def _rates(facts: DailyFacts, words: Labels, currency: str) -> Section:
    shown = [rate for rate in facts.rates if rate.currency == currency]
    series: dict[str, Callable[[int], int | None]] = {
        word(words, "by_count"): lambda place: _whole(shown[place].by_count, HUNDREDTHS),
        word(words, "by_money"): lambda place: _whole(shown[place].by_money, HUNDREDTHS),
    }
    return Section(
        "match_rate",
        (Column("day", "day"), Column("currency"), Column("by_count", "rate"), Column("by_money", "rate")),
        tuple((rate.day, rate.currency, rate.by_count, rate.by_money) for rate in _newest_first(facts.rates)),
        _drawn("lines", [_short(rate.day) for rate in shown], series, "percent"),
        currency,
    )


def _ages(facts: DailyFacts, words: Labels, currency: str) -> Section:
    known = {(age.bucket, age.status): age.amount for age in facts.ages if age.currency == currency}
    labels = [word(words, f"age_{bucket}") for bucket in BUCKETS]

    def of(status: str) -> Callable[[int], int | None]:
        return lambda place: _whole(known.get((BUCKETS[place], status), Decimal(0)))

    series = {word(words, "waits"): of("timing"), word(words, "past_time"): of("open")}
    rows = sorted(facts.ages, key=lambda age: (age.currency, BUCKETS.index(age.bucket), age.status))
    return Section(
        "open_by_age",
        (Column("age"), Column("state"), Column("items", "count"), Column("amount", "money"), Column("currency")),
        tuple(
            (
                word(words, f"age_{age.bucket}"),
                word(words, "waits" if age.status == "timing" else "past_time"),
                age.items,
                age.amount,
                age.currency,
            )
            for age in rows
        ),
        _drawn("columns", labels if known else (), series, "money"),
        currency,
    )


def _drift(facts: DailyFacts, words: Labels, currency: str) -> Section:
    days = sorted({drift.day for drift in facts.drift if drift.currency == currency})
    known = {(drift.day, drift.fee_type): drift.value for drift in facts.drift if drift.currency == currency}

    def of(fee_type: str) -> Callable[[int], int | None]:
        return lambda place: _whole(known.get((days[place], fee_type)), MILLIONTHS)

    types = sorted({fee_type for _, fee_type in known})
    return Section(
        "fee_drift",
        (
            Column("day", "day"),
            Column("fee_type"),
            Column("base", "money"),
            Column("beyond", "money"),
            Column("currency"),
            Column("drift", "drift"),
        ),
        tuple(
            (one.day, words.of("fee_type", one.fee_type), one.base, one.amount, one.currency, one.value)
            for one in _newest_first(facts.drift)
        ),
        _drawn(
            "lines", [_short(day) for day in days], {words.of("fee_type", name): of(name) for name in types}, "drift"
        ),
        currency,
    )


def _transit(facts: DailyFacts, currency: str) -> Section:
    shown = [one for one in facts.transit if one.currency == currency]
    days = sorted({one.day for one in shown})
    known = {(one.day, one.account): one.amount for one in shown}

    def of(account: str) -> Callable[[int], int | None]:
        return lambda place: _whole(known.get((days[place], account), Decimal(0)))

    accounts = sorted({one.account for one in shown})
    return Section(
        "in_transit",
        (
            Column("day", "day"),
            Column("account"),
            Column("amount", "money"),
            Column("currency"),
            Column("expected_on", "day"),
        ),
        tuple(
            (one.day, one.account, one.amount, one.currency, one.expected_on)
            for one in _newest_first(facts.transit)
            if one.amount
        ),
        _drawn("columns", [_short(day) for day in days], {name: of(name) for name in accounts}, "money"),
        currency,
    )


def _incidents(facts: DailyFacts, words: Labels, currency: str) -> Section:
    names = dict(facts.names_zh)
    shown = [one for one in facts.incidents if one.currency == currency]

    def where(one: Incident) -> str:
        return " ".join(part for part in one.signature.split("|")[1:-1] if part)

    labels = [f"{one.code} {_name(words, one.code, one.name, names)}" for one in shown]
    return Section(
        "incidents",
        (
            Column("code"),
            Column("what"),
            Column("where"),
            Column("items", "count"),
            Column("orders", "count"),
            Column("amount", "money"),
            Column("currency"),
            Column("trend"),
            Column("cause"),
        ),
        tuple(
            (
                one.code,
                _name(words, one.code, one.name, names),
                where(one),
                one.exceptions,
                one.orders,
                one.amount,
                one.currency,
                word(words, f"trend_{one.trend}"),
                words.of("cause", one.cause),
            )
            for one in facts.incidents
        ),
        _drawn("bars", labels, {word(words, "amount"): lambda place: _whole(shown[place].amount)}, "money"),
        currency,
    )


def _broken(figures: Figures, facts: DailyFacts, words: Labels) -> Section:
    names = dict(facts.names_zh)
    return Section(
        "broken",
        (
            Column("code"),
            Column("what"),
            Column("severity"),
            Column("items", "count"),
            Column("amount", "money"),
            Column("currency"),
        ),
        tuple(
            (one.code, _name(words, one.code, one.name, names), one.severity, one.items, one.amount, one.currency)
            for one in figures.broken
        ),
    )


def _waiting(figures: Figures, facts: DailyFacts, words: Labels) -> Section:
    names = dict(facts.names_zh)
    return Section(
        "waiting",
        (
            Column("code"),
            Column("what"),
            Column("level"),
            Column("items", "count"),
            Column("amount", "money"),
            Column("currency"),
            Column("next_due", "day"),
        ),
        tuple(
            (
                one.code,
                _name(words, one.code, one.name, names),
                words.of("level", one.level),
                one.items,
                one.amount,
                one.currency,
                date.fromisoformat(one.breaks_on[:10]) if one.breaks_on else None,
            )
            for one in figures.waiting
        ),
    )


def _agreeing(figures: Figures, words: Labels) -> Section:
    rates = {(rate.level, rate.currency): rate for rate in figures.rates}
    rows = []
    for one in figures.agreeing:
        rate = rates.get((one.level, one.currency))
        rows.append(
            (
                words.of("level", one.level),
                one.matches,
                one.amount,
                one.currency,
                rate.by_count if rate else None,
                rate.by_money if rate else None,
                one.differing,
                one.difference,
            )
        )
    return Section(
        "agreeing",
        (
            Column("level"),
            Column("matches", "count"),
            Column("amount", "money"),
            Column("currency"),
            Column("with_waiting_by_count", "rate"),
            Column("with_waiting_by_money", "rate"),
            Column("differing", "count"),
            Column("difference", "money"),
        ),
        tuple(rows),
    )


def _incomplete(figures: Figures) -> Section:
    return Section(
        "incomplete",
        (Column("day", "day"), Column("account"), Column("code"), Column("why")),
        tuple((one.day, one.place, one.code, one.why) for one in figures.incomplete),
    )


def _indicators(facts: DailyFacts, words: Labels) -> Section:
    def state(name: str, value: Decimal | None, target: Decimal | None) -> str:
        if value is None or target is None:
            return "–"
        met = abs(value) <= target if name in AT_MOST else value >= target
        return word(words, "met" if met else "missed")

    return Section(
        "indicators",
        (
            Column("indicator"),
            Column("numerator", "money"),
            Column("denominator", "money"),
            Column("currency"),
            Column("value", "rate"),
            Column("target", "rate"),
            Column("state"),
        ),
        tuple(
            (
                words.of("kpi", one.name),
                one.numerator,
                one.denominator,
                one.currency,
                one.value,
                one.target,
                state(one.name, one.value, one.target),
            )
            for one in facts.indicators
        ),
    )
