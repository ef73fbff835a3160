"""The benchmarks check what they compare before they compare it."""

import json
import sys

import pytest
from typer.testing import CliRunner

from orchestration.bench.extras import missing
from orchestration.bench.rivals import same
from orchestration.cli.main import app
from tests.support import tieout


@pytest.mark.heavy
def test_the_bank_level_finds_every_case_that_was_made_and_nothing_else(tmp_path):
    assert tieout(tmp_path, "bench", "bank", "--rows", "3000", "--json", "figures.json") == 0
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["bank"]
    assert (1.0, 1.0) == (figures["precision"], figures["recall"])


@pytest.mark.heavy
def test_a_day_is_measured_on_a_short_and_a_long_history(tmp_path):
    assert tieout(tmp_path, "bench", "day", "--rows", "3650", "--json", "figures.json") == 0
    assert {"growth_30_365", "full_x", "peak_mb"} == set(
        json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["day"]
    )


@pytest.mark.heavy
@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_rivals_give_the_same_answer_before_their_speed_is_told(tmp_path):
    assert tieout(tmp_path, "bench", "rivals", "--rows", "3000", "--json", "figures.json") == 0
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert {"polars_x", "pandas_x"} == set(figures["rivals"])
    assert {"polars", "pandas"} < set(figures["versions"])


def test_rivals_that_are_not_installed_are_asked_for_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    result = CliRunner().invoke(app, ["bench", "rivals"])
    assert 2 == result.exit_code
    assert "polars" in result.stderr
    assert "requirements-rivals.lock" in result.stderr
    assert 1 == len(result.stderr.splitlines())


def test_a_rival_with_another_answer_is_not_compared():
    ours = {("agrees", "left"): (2, 300), ("agrees", "right"): (2, 300)}
    same(ours, "polars", dict(ours))
    with pytest.raises(RuntimeError, match="agrees right: "):
        same(ours, "polars", ours | {("agrees", "right"): (2, 299)})
    with pytest.raises(RuntimeError, match="differs left: None"):
        same(ours, "pandas", ours | {("differs", "left"): (1, 1)})
