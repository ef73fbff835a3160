"""The daily report as one page that opens offline: no script, no address, every text escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import jinja2
from markupsafe import Markup

from orchestration.reports import charts
from orchestration.reports.daily import SHOWN_DAYS, DailyFacts
from orchestration.reports.figures import Figures
from orchestration.reports.markdown import RunLine, money, share
from orchestration.reports.sections import AT_MOST, Section, word
from orchestration.settings.labels import Labels

MOST_ROWS: Final = 200
"""Longer tables go on in the workbook."""
LEAST_DRIFT: Final = 1_000
"""Millionths: the target of a tenth of a percent is always in sight."""
NUMBER: Final = Markup(' class="number"')
ALIGNED: Final = {"text": Markup(""), "day": Markup(' class="day"')}
TILES: Final[Mapping[str, str]] = {
    "match_rate_count": "tile_count",
    "match_rate_amount": "tile_money",
    "unexplained_rate": "tile_unexplained",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure at the top of the page. ``look``: good, bad, or neither."""

    label: str
    value: str
    note: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page is made of; ``steps`` are the sentences at its end."""

    run: RunLine
    figures: Figures
    facts: DailyFacts
    sections: Sequence[Section]
    currency: str
    steps: Sequence[str]


def render_page(page: Page, words: Labels) -> str:
    """The whole page as HTML."""
    house = jinja2.Environment(
        loader=jinja2.PackageLoader("orchestration.reports", "."), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return house.get_template("daily.html.j2").render(
        lang="zh-CN" if words.language == "zh" else "en",
        run=page.run,
        verdicts=_verdicts(page.figures, words),
        tiles=_tiles(page, words),
        sections=page.sections,
        steps=[*page.steps],
        say=lambda name, **asked: word(words, name, **asked),
        days=SHOWN_DAYS,
        most=MOST_ROWS,
        drawn=lambda section: _drawn(section, words),
        number=lambda kind: ALIGNED.get(kind, NUMBER),
        written=written,
        zip=lambda columns, row: zip(columns, row, strict=True),
    )


def written(cell: Any, kind: str) -> str:
    """A cell as people read it."""
    if cell is None or cell == "":
        return "–"
    if kind == "money":
        return money(cell)
    if kind == "rate":
        return share(cell)
    if kind == "drift":
        return f"{cell * 100 + 0:.4f} %"
    if kind == "count":
        return f"{cell:,}"
    return str(cell)


def _verdicts(figures: Figures, words: Labels) -> list[tuple[str, bool]]:
    """What a hurried reader should know, each with whether it is good."""
    found = []
    broken = sum(line.items for line in figures.broken)
    if broken:
        found.append((word(words, "something_broken", items=f"{broken:,}"), False))
    if figures.incomplete:
        found.append((word(words, "some_incomplete", items=f"{len(figures.incomplete):,}"), False))
    return found or [(word(words, "all_agrees"), True)]


def _tiles(page: Page, words: Labels) -> list[Tile]:
    known = {one.name: one for one in page.facts.indicators if one.currency == page.currency}
    tiles = []
    for name, label in TILES.items():
        one = known.get(name)
        value = one.value if one else None
        note, look = word(words, "no_target", days=SHOWN_DAYS), ""
        if one is not None and value is not None and one.target is not None:
            small = name in AT_MOST
            note = word(words, "target_most" if small else "target_least", target=share(one.target))
            look = "good" if (value <= one.target if small else value >= one.target) else "bad"
        tiles.append(Tile(word(words, label), share(value), note, look))
    broken = [line for line in page.figures.broken if line.currency == page.currency]
    waiting = [line for line in page.figures.waiting if line.currency == page.currency]
    newest = max((one.day for one in page.facts.transit), default=date.min)
    transit = [one for one in page.facts.transit if one.currency == page.currency and one.day == newest and one.amount]
    return [
        *tiles,
        _sum_tile("tile_broken", [(line.items, line.amount) for line in broken], page.currency, words),
        _sum_tile("tile_waiting", [(line.items, line.amount) for line in waiting], page.currency, words),
        _sum_tile("tile_transit", [(1, one.amount) for one in transit], page.currency, words, items=False),
    ]


def _sum_tile(
    label: str, parts: Sequence[tuple[int, Decimal]], currency: str, words: Labels, *, items: bool = True
) -> Tile:
    total = money(sum((amount for _, amount in parts), Decimal(0)))
    count = word(words, "items_of", items=f"{sum(count for count, _ in parts):,}") if items else currency
    return Tile(word(words, label), total, count if not items else f"{count}, {currency}")


def _drawn(section: Section, words: Labels) -> Markup:
    if section.drawing is None:
        return Markup("")
    drawing, title = section.drawing, word(words, f"head_{section.name}")
    chart = charts.Chart(section.name.replace("_", "-"), drawing.labels, drawing.series, UNITS[drawing.unit], title)
    if drawing.shape == "lines":
        return charts.lines(chart, least=LEAST_DRIFT if drawing.unit == "drift" else None)
    return charts.columns(chart) if drawing.shape == "columns" else charts.bars(chart)


def _percent(hundredths: int) -> str:
    return f"{Decimal(hundredths) / 100:.2f} %"


def _units(amount: int) -> str:
    return f"{amount:,}"


def _millionths(drift: int) -> str:
    return f"{Decimal(drift) / 10_000:.2f} %"


UNITS: Final = {"percent": _percent, "drift": _millionths, "money": _units}
