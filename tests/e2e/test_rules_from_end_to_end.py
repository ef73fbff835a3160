"""Rule tables count as two people approved them: what one person writes into the folder of rules changes no table."""

import csv
import hashlib

import pytest

from orchestration.decisions import store_of
from orchestration.settings import load
from tests.merchant import Merchant
from tests.support import asked, run_at, tieout

MORNING = "2026-04-20T10:30:00+08:00"
FEES = "select order_no, expected::varchar, charged::varchar from marts.fee_checks order by order_no"
UNAPPROVED = "select unapproved from marts.run_status order by started_at desc limit 1"


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "data").rglob("*"))
        if path.is_file() and path.name != ".replay"
    }


def with_rate(folder, rate, target=None):
    """The fee rules with another rate of the channel, written where they lie or elsewhere."""
    path = folder / "rules" / "fee_rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["rule_id"] == "wechat":
            row["rate"] = rate
    target = target or path
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A merchant who began with tieout init: one order, paid at 0.6 %."""
    merchant = Merchant(tmp_path_factory.mktemp("by_two"))
    merchant.store("own", "own_site", "card")
    merchant.account("card", "wechatpay", "channel")
    merchant.account("bank", "bank", "bank")
    merchant.order("own", "OWN1", "2026-04-10T09:00:05", "100.00")
    merchant.pay("card", "OWN1", "T1", "2026-04-10T09:00:05", "100.00")
    merchant.deliver("1")
    wanted = (merchant.folder / "tieout.toml").read_text(encoding="utf-8")
    (merchant.folder / "tieout.toml").unlink()
    assert tieout(merchant.folder, "init") == 0
    (merchant.folder / "tieout.toml").write_text(wanted, encoding="utf-8")
    assert run_at(merchant.folder, MORNING) == 0
    return merchant.folder


@pytest.mark.heavy
def test_a_rule_counts_once_a_second_person_approves_it(shop, capfd):
    assert [("OWN1", "0.60", "0.60")] == asked(shop, FEES)
    assert [("[]",)] == asked(shop, UNAPPROVED)
    # what one person writes into the file does nothing, and is told
    with_rate(shop, "0.01")
    assert run_at(shop, MORNING) == 0
    assert [("OWN1", "0.60", "0.60")] == asked(shop, FEES)
    assert [('["fee_rules wechat: changed"]',)] == asked(shop, UNAPPROVED)
    assert "not approved by a second person: fee_rules wechat: changed" in capfd.readouterr().out
    assert tieout(shop, "verify") == 0
    # tried: what it would change is told, and nothing is changed
    wanted = with_rate(shop, "0.0055", shop / "fee_rules.csv")
    before = digests(shop)
    assert tieout(shop, "rules", "try", "fee_rules.csv", "--output", "trial.json") == 0
    assert before == digests(shop)
    assert '"expected_after": "0.55"' in (shop / "trial.json").read_text(encoding="utf-8")
    # proposed: nobody approves his own, and without the role nobody else's
    assert tieout(shop, "rules", "propose", "fee_rules.csv", "--as", "manager", "--note", "new contract") == 0
    number = store_of(load(shop / "tieout.toml")).events()[-1].decision_id
    assert tieout(shop, "approve", number, "--as", "manager") == 2
    assert tieout(shop, "approve", number, "--as", "accountant") == 2
    assert tieout(shop, "reject", number, "--as", "accountant", "--note", "by another") == 0
    assert tieout(shop, "rules", "propose", "fee_rules.csv", "--as", "accountant", "--note", "new contract") == 0
    assert tieout(shop, "approve", "--all", "--as", "manager") == 0
    assert (shop / "rules" / "fee_rules.csv").read_text(encoding="utf-8").splitlines()[1].count("0.0055") == 1
    assert wanted.exists()
    assert run_at(shop, MORNING) == 0
    assert [("OWN1", "0.55", "0.60")] == asked(shop, FEES)
    assert [("[]",)] == asked(shop, UNAPPROVED)
    assert tieout(shop, "verify") == 0
    decided = "select rule_table, maker, checker, state, note from marts.decisions where note = 'new contract' order by made_at"
    assert [
        ("fee_rules", "manager", "accountant", "rejected", "new contract"),
        ("fee_rules", "accountant", "manager", "effective", "new contract"),
    ] == asked(shop, decided)
