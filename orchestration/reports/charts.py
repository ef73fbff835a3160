"""Charts as inline SVG: no script, no address, told apart without colour by order and legend, numbers on hovering.

What goes in are whole numbers (units of money, hundredths of a percent), so that no money becomes a float here.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#5B5B5B", "#B8A100")
"""Okabe and Ito's: told apart by colour-blind readers and in grey."""
FONT: Final = '-apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
WIDTH: Final = 560
HEIGHT: Final = 300
SVG: Final = "{http://www.w3.org/2000/svg}"

Series = Sequence[tuple[str, Sequence[int | None]]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. ``name`` is unique on its page; ``shown`` writes a number; ``title`` is read aloud."""

    name: str
    labels: Sequence[str]
    series: Series
    shown: Callable[[int], str]
    title: str


def drawing() -> Any:
    """The library, brought in by who draws; its finder of plug-ins is of an older Python and warns at every import."""
    import pygal  # noqa: PLC0415 - only who draws pays for it
    import pygal.style  # noqa: PLC0415 - as above

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]
    return pygal


def lines(chart: Chart, *, least: int | None = None) -> Markup:
    """One line per series. ``least``: what the axis shows to both sides of zero at least, so that noise looks small."""
    pygal = drawing()

    look: dict[str, Any] = {"dots_size": 3}
    values = [value for _, line in chart.series for value in line if value is not None]
    if least is not None and values:
        look["range"] = (min(-least, *values), max(least, *values))
    return _drawn(pygal.Line, chart, look)


def columns(chart: Chart) -> Markup:
    """Columns, the series on top of each other."""
    pygal = drawing()

    return _drawn(pygal.StackedBar, chart, {"include_x_axis": True})


def bars(chart: Chart) -> Markup:
    """Bars to the right, the first on top."""
    pygal = drawing()

    turned = replace(
        chart,
        labels=list(reversed(chart.labels)),
        series=[(label, list(reversed(values))) for label, values in chart.series],
    )
    height = 60 + 30 * len(chart.labels)
    look = {"height": height, "truncate_label": 24, "include_x_axis": True, "show_legend": False}
    return _drawn(pygal.HorizontalBar, turned, look)


def _drawn(kind: Callable[..., Any], what: Chart, options: Mapping[str, Any]) -> Markup:
    style = drawing().style.Style(
        background="transparent",
        plot_background="transparent",
        foreground="#334155",
        foreground_strong="#0f172a",
        foreground_subtle="#64748b",
        font_family=FONT,
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=12,
        no_data_font_size=16,
        guide_stroke_dasharray="2,4",
        guide_stroke_color="#cbd5e1",
        major_guide_stroke_dasharray="2,4",
        major_guide_stroke_color="#cbd5e1",
        opacity=".92",
        stroke_width="2.5",
        transition="0s",
        colors=COLOURS,
    )
    every = max(1, len(what.labels) // 7)
    chart = kind(
        **{
            "style": style,
            "width": WIDTH,
            "height": HEIGHT,
            "margin": 8,
            "legend_at_bottom": True,
            "legend_at_bottom_columns": min(3, max(1, len(what.series))),
            "truncate_legend": -1,
            "js": (),
            "disable_xml_declaration": True,
            "value_formatter": lambda value: what.shown(round(value)),
            "min_scale": 3,
            "max_scale": 6,
            "x_labels_major_every": every,
            "show_minor_x_labels": every == 1,
            "allow_interruptions": True,
            **options,
        }
    )
    chart.uuid = what.name
    chart.x_labels = list(what.labels)
    for label, values in what.series:
        chart.add(label, list(values))
    chart.add_xml_filter(lambda root: _quiet(root, what.title))
    # what pygal writes is escaped by its XML writer
    return Markup(chart.render(is_unicode=True))  # noqa: S704


def _quiet(root: Any, title: str) -> Any:
    """Takes scripts and what needs them out; what they would have shown becomes the native hint of its mark."""
    for parent in list(root.iter()):
        for child in list(parent):
            kind = str(child.tag).removeprefix(SVG)
            if callable(child.tag) or kind == "script" or (kind == "desc" and child.get("class") != "value"):
                parent.remove(child)
            elif kind == "desc":
                child.tag = child.tag.replace("desc", "title")
            elif kind == "title":
                child.text = title
    root.set("role", "img")
    root.set("aria-label", title)
    return root
