"""The world is a function of seed and day, and shows nothing before its time."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sandbox_auditor as audit

from connectors.sandbox.app import Sandbox
from connectors.sandbox.server import truth_of
from connectors.sandbox.world import FAULTS, World
from connectors.sandbox.world.plan import is_bank_open, next_bank_day

FIRST = date(2026, 9, 24)
SUMS = "select count(*), md5(string_agg(orders::varchar, '|' order by day, n)) from orders where day = ?"


def test_a_day_does_not_depend_on_how_many_days_were_made(config):
    day = FIRST + timedelta(days=3)
    small = replace(config, orders_per_day=60)
    short, long = World(small), World(small)
    short.ensure_orders(day)
    long.ensure_flows(day + timedelta(days=1))
    assert short.rows(SUMS, [day]) == long.rows(SUMS, [day])
    flows = "select md5(string_agg(flows::varchar, '|' order by account, row_no)) from flows where day = ?"
    short.ensure_flows(day)
    assert short.rows(flows, [day]) == long.rows(flows, [day])


def test_another_seed_is_another_world(config):
    first = World(replace(config, orders_per_day=60))
    second = World(replace(config, orders_per_day=60, seed=8))
    for world in (first, second):
        world.ensure_orders(FIRST)
    assert first.rows(SUMS, [FIRST]) != second.rows(SUMS, [FIRST])


def test_faults_change_only_the_orders_they_are_planted_on(config):
    calm = World(replace(config, orders_per_day=240, faults="none"))
    stormy = World(replace(config, orders_per_day=240, faults="all"))
    for world in (calm, stormy):
        world.ensure_orders(FIRST)
    sql = "select * from orders where day = ? and n in (select unnest(?::bigint[])) order by n"
    everyone = {n for (n,) in stormy.rows("select n from orders")}
    faulty = {n for (n,) in stormy.rows("select n from orders where fault is not null")}
    spared = sorted(everyone - faulty)
    assert 10 < len(faulty) < 20
    assert calm.rows(sql, [FIRST, spared]) == stormy.rows(sql, [FIRST, spared])


def test_discounts_of_every_bearer_occur_and_close(calm):
    world = calm.sandbox.world
    broken = world.rows(
        "select count(*) from orders where goods - merchant_discount + freight"
        " <> buyer_paid + platform_subsidy + channel_subsidy + creator_subsidy or buyer_paid <= 0"
    )
    assert broken == [(0,)]
    rows = audit.drops(calm.sandbox.config.drops["files"], "discounts")
    assert {row["bearer"] for row in rows} == {"merchant", "platform", "channel", "creator"}


def test_split_merged_and_presale_payments_occur(calm):
    kinds = dict(calm.sandbox.world.rows("select kind, count(*) from orders where store = 'own_shop' group by kind"))
    assert set(kinds) == {"plain", "split", "merged", "presale"}
    assert kinds["merged"] % 2 == 0


def test_nobody_orders_in_the_last_three_quarters_of_an_hour(calm):
    late = calm.sandbox.world.rows("select count(*) from orders where ordered_at::time >= time '23:15:00'")
    assert late == [(0,)]


def test_existing_trades_rest_until_the_morning_run(calm):
    """A window asked for at 10:30 of the next day is complete: nothing of it has moved on since midnight."""
    moved = calm.sandbox.world.rows(
        "select count(*) from orders, lateral (select unnest([shipped_at, confirmed_at, first_applied_at,"
        " first_refunded_at, cancelled_at, closed_at]) as moment) where store = 'tmall_flagship'"
        " and moment::date > day and moment::time < time '10:45:00'"
    )
    assert moved == [(0,)]


def test_a_drop_appears_at_eight_the_next_morning(merchant_of):
    merchant = merchant_of(orders_per_day=40)
    folder = merchant.sandbox.config.drops["files"]
    merchant.at("2026-09-25T07:59:59+08:00")
    assert list(folder.glob("orders*")) == []
    merchant.at("2026-09-25T08:00:00+08:00")
    assert [path.name for path in folder.glob("orders*")] == ["orders_2026-09-24.csv.gz"]
    body = (folder / "orders_2026-09-24.csv.gz").read_bytes()
    merchant.at("2026-09-26T08:00:00+08:00")
    assert (folder / "orders_2026-09-24.csv.gz").read_bytes() == body
    assert len(list(folder.glob("*_2026-09-25.csv*"))) == 10


def test_the_drops_of_another_world_are_replaced(merchant_of):
    merchant = merchant_of(orders_per_day=40).at("2026-09-25T08:00:00+08:00")
    drops = merchant.sandbox.config.drops
    before = (drops["files"] / "orders_2026-09-24.csv.gz").read_bytes()
    other = Sandbox(replace(merchant.sandbox.config, seed=99, drops=drops))
    other.set_time(datetime.fromisoformat("2026-09-25T08:00:00+08:00"))
    assert (drops["files"] / "orders_2026-09-24.csv.gz").read_bytes() != before


def test_a_changed_order_comes_again_as_it_stands(calm):
    folder = calm.sandbox.config.drops["files"]
    rows = [row for row in audit.drops(folder, "orders") if row["store"] == "outlet"]
    states = {}
    for row in rows:
        states.setdefault(row["order_no"], []).append(row["status"])
    assert ["paid", "shipped", "shipped", "completed"] in states.values()


def test_an_unknown_fault_is_refused_with_what_is_allowed(config):
    with pytest.raises(ValueError, match="paid_not_shipped"):
        replace(config, faults=("bad_luck",))
    assert replace(config, faults=FAULTS).planted == replace(config, faults="all").planted


def test_only_the_wanted_faults_are_planted(config):
    one = replace(config, orders_per_day=240, faults=("duplicate_payment",))
    truth = truth_of(one, datetime.fromisoformat("2026-09-26T10:30:00+08:00"))
    assert {fault["code"] for fault in truth} == {"E105"}


def test_bank_days_follow_the_holidays():
    assert not is_bank_open(date(2026, 10, 1))
    assert next_bank_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert is_bank_open(date(2026, 9, 20)), "a Sunday worked in exchange"
    assert next_bank_day(date(2099, 1, 2)) == date(2099, 1, 5), "not announced yet: Monday to Friday"


def test_books_agree_with_the_bills(calm):
    books = calm.session.get("http://sandbox.test/_sandbox/books").json()
    day = {row["account"]: row for row in books["payments"] if row["day"] == "2026-09-25"}
    _, foot = audit.wechat_rows(calm.wechat_bill("tradebill", "2026-09-25"))
    refunds = {row["account"]: row for row in books["refunds"] if row["day"] == "2026-09-25"}
    assert foot[1] == day["wechat_main"]["paid_amount"]
    assert foot[2] == refunds["wechat_main"]["refunded_amount"]
    balance = next(row for row in books["balances"] if (row["account"], row["day"]) == ("wechat_main", "2026-09-25"))
    rows, _ = audit.wechat_rows(calm.wechat_bill("fundflowbill", "2026-09-25"))
    assert rows[-1]["账户结余(元)"] == balance["closing_balance"]
