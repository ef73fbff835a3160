"""Two makers and a checker at work while a run goes on: nobody waits for long, and nothing is lost."""

import subprocess
import sys

import pytest

from tests.merchant import Merchant
from tests.support import asked, run_at, tieout

pytestmark = pytest.mark.heavy
MORNING = "2026-04-20T10:30:00+08:00"
PEOPLE = "person,roles,limit_amount,public_key\nlin,RA,,\nwang,RA,,\nmei,FM,,\n"
ORDERS = 24
MAKER = """
import sys
from pathlib import Path
from orchestration.decisions import Asked, propose
from orchestration.lib.clock import machine_now
from orchestration.settings import load
folder, name, *subjects = sys.argv[1:]
settings = load(Path(folder) / "tieout.toml")
for subject in subjects:
    propose(settings, name, [subject], Asked("write_off", note="thirty cents"), machine_now)
"""
CHECKER = """
import sys, time
from pathlib import Path
from orchestration.decisions import approve
from orchestration.lib.clock import machine_now
from orchestration.settings import load
settings, wanted, until = load(Path(sys.argv[1]) / "tieout.toml"), int(sys.argv[2]), time.monotonic() + 240
while wanted > 0 and time.monotonic() < until:
    wanted -= len(approve(settings, "mei", (), machine_now, everything=True)[0])
    time.sleep(0.2)
sys.exit(wanted)
"""


def started(folder, script, *words):
    return subprocess.Popen([sys.executable, "-c", script, str(folder), *words], cwd=folder)


def test_two_makers_and_a_checker_during_a_run_lose_nothing(tmp_path):
    shop = Merchant(tmp_path)
    shop.store("own", "own_site", "card")
    shop.account("card", "wechatpay", "channel")
    shop.account("bank", "bank", "bank")
    for number in range(ORDERS):
        moment = f"2026-04-10T09:{number:02}:05"
        shop.order("own", f"OWN{number}", moment, "57.30")
        shop.pay("card", f"OWN{number}", f"T{number}", moment, "57.00")
    shop.deliver("1")
    (shop.folder / "rules" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert run_at(shop.folder, MORNING) == 0
    open_ones = [number for (number,) in asked(shop.folder, "select exception_id from marts.exceptions order by 1")]
    assert len(open_ones) == ORDERS
    words = ("run", "--from", "2026-04-19", "--to", "2026-04-19", "--as-of", MORNING)
    run = subprocess.Popen([sys.executable, "-m", "orchestration.cli", *words], cwd=shop.folder)
    people = [
        started(shop.folder, MAKER, "lin", *open_ones[::2]),
        started(shop.folder, MAKER, "wang", *open_ones[1::2]),
        started(shop.folder, CHECKER, str(ORDERS)),
    ]
    assert [0, 0, 0] == [person.wait(timeout=300) for person in people]
    assert run.wait(timeout=300) == 0
    assert run_at(shop.folder, MORNING) == 0
    assert [("effective", "lin", "mei", ORDERS // 2), ("effective", "wang", "mei", ORDERS // 2)] == asked(
        shop.folder, "select state, maker, checker, count(*) from marts.decisions group by all order by 2"
    )
    assert [("cleared", ORDERS)] == asked(shop.folder, "select status, count(*) from marts.exceptions group by 1")
    assert tieout(shop.folder, "verify") == 0
