from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from orchestration.cli.edge import UsageError
from orchestration.cli.run import Asked, is_wanted, make_plan
from orchestration.lib.clock import ClockError
from orchestration.settings import load

SETTINGS = Path(__file__).parents[3] / "tieout.sandbox.toml"
AS_OF = "2026-10-03T10:30:00+08:00"


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "tieout.toml"
    path.write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    return load(path)


def test_without_days_the_plan_goes_from_the_first_open_day_to_the_newest_due_one(settings):
    plan = make_plan(settings, Asked(as_of=AS_OF))
    assert (date(2026, 9, 26), date(2026, 10, 2), False) == (plan.first, plan.last, plan.explicit)


def test_asked_days_are_taken(settings):
    plan = make_plan(settings, Asked("2026-09-27", "2026-09-28", AS_OF))
    assert (date(2026, 9, 27), date(2026, 9, 28), True) == (plan.first, plan.last, plan.explicit)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked("2026-09-25", None, AS_OF), "start_date"),
        (Asked("2026-09-28", "2026-09-27", AS_OF), "before --from"),
        (Asked(None, "2026-10-04", AS_OF), "after"),
        (Asked("yesterday", None, AS_OF), "YYYY-MM-DD"),
        (Asked(as_of="2026-09-26T10:30:00+08:00"), "start_date"),
        (Asked(as_of=AS_OF, only=("nobody",)), "configured are"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(settings, asked, said):
    with pytest.raises(UsageError, match=said):
        make_plan(settings, asked)


def test_a_wrong_time_is_a_sentence(settings):
    with pytest.raises(ClockError, match="ISO 8601"):
        make_plan(settings, Asked(as_of="noon"))


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (["landing", "alipay_main", "trades"], True),
        (["landing", "wechat_main", "trades"], False),
        (["landing", "_rules"], True),
        (["raw", "wechatpay__trades"], True),
        (["publish"], True),
    ],
)
def test_only_leaves_out_the_other_connections_and_nothing_else(path, wanted):
    assert wanted == is_wanted(dg.AssetKey(path), {"alipay_main"})
