"""Two people decide: one proposes, another approves, the next run applies it; what one does alone is only told."""

import duckdb
import pytest

from orchestration.decisions import approve, propose, store_of
from orchestration.decisions.desk import Asked
from orchestration.decisions.event import Draft
from orchestration.decisions.people import person_of
from orchestration.decisions.signing import signer
from orchestration.lib.clock import machine_now
from orchestration.settings import load
from tests.merchant import Merchant
from tests.support import asked, run_at, tieout

pytestmark = pytest.mark.heavy
MORNING = "2026-04-20T10:30:00+08:00"
PEOPLE = "person,roles,limit_amount,public_key\nlin,RA,,\nwang,RA,,\nmei,FM,,\n"
PAID = (
    ("OWN1", "100.00", "100.00"),
    ("OWN2", "57.30", "57.00"),
    ("OWN4", "80.00", None),
    ("OWN5", "9000.00", "2000.00"),
)
TABLES = ("exceptions", "exception_history", "decisions", "orders", "open_items", "daily_reconciliation", "incidents")
STATUS = "select order_no, status, open_amount::varchar, breaks_on::varchar from marts.exceptions order by order_no"


def numbers(folder):
    return dict(asked(folder, "select order_no, exception_id from marts.exceptions"))


def content(folder):
    return {table: sorted(map(repr, asked(folder, f"select * from marts.{table}"))) for table in TABLES}


def approved_by_its_maker(folder, name, exception):
    """Around the desk: the maker's own approval, well signed, straight into the log."""
    settings = load(folder / "tieout.toml")
    public, sign = signer(settings.data_dir, person_of(settings, name))
    (proposal,) = propose(settings, name, [exception], Asked("write_off", note="let it go"), machine_now)
    verdict = {"proposal": proposal.hash, "public_key": public}
    with store_of(settings).appending() as log:
        log.add(Draft("approved", name, verdict, proposal.decision_id), sign, machine_now)
    return proposal.decision_id


@pytest.fixture(scope="module")
def mornings(tmp_path_factory):
    """The folder after the second run, what was published before, and the number of what its maker approved."""
    shop = Merchant(tmp_path_factory.mktemp("decided"))
    shop.store("own", "own_site", "card")
    shop.account("card", "wechatpay", "channel")
    shop.account("bank", "bank", "bank")
    for place, (order_no, goods, paid) in enumerate(PAID):
        moment = f"2026-04-1{place}T09:00:05"
        shop.order("own", order_no, moment, goods)
        if paid:
            shop.pay("card", order_no, f"T{place}", moment, paid)
    shop.deliver("1")
    (shop.folder / "rules" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert run_at(shop.folder, MORNING) == 0
    before, known = asked(shop.folder, STATUS), numbers(shop.folder)
    for order_no, *words in (
        ("OWN2", "--action", "write_off", "--note", "thirty cents"),
        ("OWN4", "--action", "accept_timing", "--posted-on", "2026-05-05"),
    ):
        assert tieout(shop.folder, "decide", known[order_no], *words, "--as", "lin") == 0
    assert tieout(shop.folder, "approve", "--all", "--as", "wang") == 0
    alone = approved_by_its_maker(shop.folder, "mei", known["OWN5"])
    assert run_at(shop.folder, MORNING) == 0
    return shop.folder, before, alone


def test_what_two_people_decided_is_applied_and_what_one_did_alone_is_only_told(mornings):
    folder, before, alone = mornings
    assert [
        ("OWN2", "open", "0.30", None),
        ("OWN4", "open", "80.00", None),
        ("OWN5", "open", "7000.00", None),
    ] == before
    assert [
        ("OWN2", "cleared", "0.00", None),
        ("OWN4", "timing", "80.00", "2026-05-06"),
        ("OWN5", "proposed", "7000.00", None),
    ] == asked(folder, STATUS)
    decided = "select action, maker, checker, state from marts.decisions order by action, maker"
    assert [
        ("accept_timing", "lin", "wang", "effective"),
        ("write_off", "lin", "wang", "effective"),
        ("write_off", "mei", None, "proposed"),
    ] == asked(folder, decided)
    assert [(0,), (1,)] == asked(
        folder, "select open_exceptions from marts.orders where order_no in ('OWN2', 'OWN5') order by order_no"
    )
    assert [("timing", "2026-05-06")] == asked(folder, "select status, breaks_on::varchar from marts.open_items")
    controls = "select control, status from marts.daily_reconciliation where control = 'C02' and day = '2026-04-12'"
    assert [("C02", "timing")] == asked(folder, controls)
    assert [("open", "tieout"), ("proposed", "mei")] == asked(
        folder,
        "select history.status, who from marts.exception_history as history inner join marts.exceptions using (exception_id)"
        " where order_no = 'OWN5' order by \"at\"",
    )
    assert [("cleared", "wang", "write_off approved")] == asked(
        folder, "select status, who, why from marts.exception_history where status = 'cleared'"
    )
    assert [(alone,)] == asked(folder, "select decision_id from marts.decisions where maker = 'mei'")


def test_verify_names_who_approved_his_own_decision(mornings, capfd):
    folder, _, alone = mornings
    assert tieout(folder, "verify") == 1
    said = capfd.readouterr().out
    assert "guarantee: nobody approves his own decision" in said
    assert f"(approved {alone} by mei) approves what mei proposed; it has no effect" in said


def test_a_reversal_takes_a_closed_thread_up_again_and_a_full_refresh_gives_the_same(mornings):
    folder, _, _ = mornings
    with duckdb.connect(str(folder / "data" / "warehouse" / "tieout.duckdb"), read_only=True) as con:
        closed = con.execute("select order_no from closed.exceptions").fetchall()
    assert closed == [("OWN2",)]
    settings = load(folder / "tieout.toml")
    ((number,),) = asked(folder, "select decision_id from marts.decisions where action = 'write_off' and maker = 'lin'")
    (reversal,) = propose(settings, "wang", [number], Asked("reverse", note="it was a tip"), machine_now)
    approve(settings, "lin", [reversal.decision_id], machine_now)
    assert run_at(folder, MORNING) == 0
    assert ("OWN2", "open", "0.30", None) in asked(folder, STATUS)
    in_steps = content(folder)
    assert (
        tieout(folder, "run", "--from", "2026-04-19", "--to", "2026-04-19", "--as-of", MORNING, "--full-refresh") == 0
    )
    assert in_steps == content(folder)
