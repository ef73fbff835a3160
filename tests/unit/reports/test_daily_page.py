import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import lxml.html
import openpyxl
import pytest

from orchestration.reports.daily import Age, DailyFacts, DayRate, Drift, Incident, Indicator, Transit, read_daily
from orchestration.reports.figures import Broken, Figures, Incomplete, Waiting
from orchestration.reports.markdown import RunLine
from orchestration.reports.pack import report_files, write_pack
from orchestration.reports.page import Page, render_page, written
from orchestration.reports.sections import sections
from orchestration.reports.workbook import write_workbook
from orchestration.settings import load
from orchestration.settings.labels import labels

HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>"
DAY = date(2026, 10, 1)
RUN = RunLine("run-1", datetime(2026, 10, 2, 2, 30, tzinfo=UTC), DAY, DAY, Path("/data/published/tieout.duckdb"))
FIGURES = Figures(
    broken=(Broken("E101", HOSTILE, "S2", "CNY", 2, Decimal("1234567.89")),),
    waiting=(Waiting("E203", "SETTLE_MISSING", "order_settlement", "CNY", 3, Decimal("-5.00"), "2026-10-04"),),
    incomplete=(Incomplete(DAY, HOSTILE, "E001", HOSTILE),),
)
FACTS = DailyFacts(
    first=DAY,
    last=DAY,
    indicators=(
        Indicator("match_rate_count", "CNY", Decimal(99), Decimal(100), Decimal("0.995")),
        Indicator("refund_rate", "CNY", Decimal(1), Decimal(0), None),
    ),
    rates=(DayRate(DAY, "CNY", Decimal("0.99"), None),),
    ages=(Age("4_7", "open", "CNY", 2, Decimal("70.50")), Age("0_1", "timing", "USD", 1, Decimal("9.00"))),
    drift=(Drift(DAY, HOSTILE, "CNY", Decimal("-0.01"), Decimal("100.00"), Decimal("-0.0001")),),
    transit=(Transit(DAY, HOSTILE, "CNY", Decimal("300.00"), None),),
    incidents=(
        Incident("E101", HOSTILE, HOSTILE, f"E101|{HOSTILE}|CNY", "CNY", 2, 1, Decimal("8.00"), "new", HOSTILE),
    ),
)


def page(language, facts=FACTS, figures=FIGURES):
    words = labels(language)
    return render_page(Page(RUN, figures, facts, sections(figures, facts, words, "CNY"), "CNY", [HOSTILE]), words)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_hostile_name_is_text_and_nothing_is_loaded_or_run(language):
    html = page(language)
    elements = list(lxml.html.document_fromstring(html).iter())
    assert not {"script", "img", "link", "iframe", "object", "base"} & {element.tag for element in elements}
    attributes = {name for element in elements for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or name in {"src", "href", "xlink:href"}]
    assert html.count("&lt;script&gt;") > 5
    assert {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} >= set(re.findall(r"\w+://[^\s\"'<)]+", html))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_chart_has_its_numbers_as_a_table(language):
    parts = re.findall(r"<section.*?</section>", page(language), flags=re.DOTALL)
    drawn = [part for part in parts if "<svg" in part]
    assert 5 == len(drawn)
    assert all("<tbody>\n<tr>" in part for part in drawn)


def test_amounts_are_right_aligned_grouped_and_negative_ones_keep_their_sign():
    html = page("en")
    assert '<td class="number">1,234,567.89</td>' in html
    assert '<td class="number">-5.00</td>' in html


def test_the_same_facts_give_the_same_page():
    assert page("zh") == page("zh")


def test_without_any_facts_the_page_says_that_all_agrees():
    html = page("en", DailyFacts(DAY, DAY), Figures())
    assert "Everything that is due agrees." in html
    assert "<svg" not in html


def test_a_cell_is_written_as_people_read_it():
    assert ("–", "1,234.50", "99.50 %", "-0.0100 %", "1,000") == (
        written(None, "money"),
        written(Decimal("1234.5"), "money"),
        written(Decimal("0.995"), "rate"),
        written(Decimal("-0.0001"), "drift"),
        written(1000, "count"),
    )


def test_text_of_a_source_is_no_formula_in_the_workbook(tmp_path):
    formula = "=HYPERLINK(1)"
    figures = replace(FIGURES, incomplete=(Incomplete(DAY, formula, "E001", "+1"),))
    words = labels("en")
    path = write_workbook(tmp_path / "report.xlsx", RUN, sections(figures, FACTS, words, "CNY"), words, 31)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {"s", "n", "d"} >= {cell.data_type for cell in cells}
    assert [formula] == [cell.value for cell in cells if cell.value == formula]
    assert 1234567.89 in [cell.value for cell in cells]


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "tieout.toml"
    path.write_text(
        'language = "en"\ntimezone = "Asia/Shanghai"\nbase_currency = "CNY"\nstart_date = 2026-10-01\n'
        '[[entity]]\ncode = "HQ"\nname = "HQ"\n'
        '[[connection]]\nname = "shop"\nsource = "files"\npath = "inbox"\nplatform = "own_site"\nentity = "HQ"\n',
        encoding="utf-8",
    )
    return load(path)


def test_a_file_that_cannot_be_written_is_told_and_takes_no_other_with_it(settings, snapshot):
    (settings.data_dir / "reports" / "run-1" / "report.xlsx").mkdir(parents=True)
    pack = write_pack(settings, replace(RUN, snapshot=snapshot), Figures())
    assert {"workbook", "worklists"} == set(pack.failed)
    assert {"report", "page"} == set(pack.files)
    assert {"report", "as text", "as Excel", "by owner"} == set(report_files(settings.data_dir, "run-1"))


def test_without_a_folder_the_text_is_still_written(settings, snapshot):
    (settings.data_dir / "reports").mkdir(parents=True)
    (settings.data_dir / "reports" / "run-1").write_text("in the way")
    pack = write_pack(settings, replace(RUN, snapshot=snapshot), Figures())
    assert ["page"] == list(pack.failed)
    assert ["report"] == list(pack.files)


def test_an_empty_snapshot_gives_no_facts(snapshot):
    assert DailyFacts(date(2026, 9, 1), DAY) == read_daily(snapshot, DAY)


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "tieout.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
    return path
