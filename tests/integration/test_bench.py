"""The benchmarks check what they compare before they compare it."""

import json

import pytest

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
