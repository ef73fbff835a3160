"""Rule tables and the people themselves: which version counts, by whose approval, and what is archived of it."""

import csv
import json

import desk_of
import pytest
from desk_of import now

from orchestration.decisions import (
    DecisionError,
    approve,
    found,
    land_events,
    propose_rules,
    reject,
    rules_that_count,
    store_of,
)
from orchestration.decisions.adopted import as_csv
from orchestration.decisions.event import Draft
from orchestration.decisions.people import people_of, person_of
from orchestration.decisions.signing import signer
from orchestration.landing import Archive
from orchestration.proof.rule_tables import prove_rules
from orchestration.settings.rules import read_rules

FEES = "rule_id,platform,store,account,fee_type,category,base,rate,fixed,minimum,maximum,refundable,after_refunds,date_basis,valid_from,valid_to,evidence\n"
WECHAT = "wechat,wechatpay,,,payment_fee,,buyer_paid,{rate},,,,true,false,paid,2020-01-01,,contract\n"
ALIPAY = "alipay,alipay,,,payment_fee,,buyer_paid,0.006,,,,true,false,paid,2020-01-01,,contract\n"


def fees(rate="0.006", more=""):
    return FEES + WECHAT.format(rate=rate) + more


def lay(settings, table, text):
    path = settings.rules_dir / f"{table}.csv"
    path.write_text(text, encoding="utf-8")
    return path


def landed(settings):
    """As a run lands what counts."""
    archive, day = Archive(settings.data_dir), now().date()
    land_events(archive, settings, day, now())
    archive.land_tables(settings, day, now(), rules_that_count(archive, settings, archived=True).tables)
    return archive


def counting(settings, table="fee_rules"):
    """The newest archived rows, by their names."""
    archive = Archive(settings.data_dir)
    (entry,) = [e for e in archive.entries() if (e.connection, e.stream) == ("_rules", table)][-1:]
    path = archive.path_of(entry)
    key = "person" if table == "people" else "rule_id"
    return {row[key]: row for _, row in read_rules(table, path, path.read_bytes())}


def proposed(settings, file, name="lin", table="fee_rules"):
    return propose_rules(settings, name, table, file, "new contract", now).decision_id


def adopted(settings, file, table="fee_rules", maker="lin", checker="mei"):
    approve(settings, checker, [proposed(settings, file, maker, table)], now)


@pytest.fixture
def settings(tmp_path):
    """Lin, wang (RA), zhao (supervisor) and mei (FM), founded with one fee rule, archived once."""
    made = desk_of.made(tmp_path)
    lay(made, "fee_rules", fees())
    found(made, now)
    landed(made)
    return made


def test_the_founding_approves_what_lies_there_once_and_only_before_anything_else(settings):
    assert ("people", "fee_rules") == tuple(
        event.facts["rule_table"] for event in store_of(settings).events() if event.kind == "proposed"
    )
    assert ((), ()) == (rules_that_count(Archive(settings.data_dir), settings).unapproved, found(settings, now))


def test_a_row_that_is_edited_added_or_removed_without_approval_does_not_count_and_is_named(settings):
    lay(settings, "fee_rules", fees("0.5", ALIPAY))
    archive = landed(settings)
    assert {"wechat": "0.006"} == {name: row["rate"] for name, row in counting(settings).items()}
    assert ("fee_rules alipay: added", "fee_rules wechat: changed") == rules_that_count(archive, settings).unapproved
    lay(settings, "fee_rules", FEES)
    assert ("fee_rules wechat: removed",) == rules_that_count(landed(settings), settings).unapproved
    assert ["wechat"] == list(counting(settings))
    (settings.rules_dir / "fee_rules.csv").unlink()
    landed(settings)
    assert ["wechat"] == list(counting(settings))


def test_what_a_second_person_approves_counts_and_is_laid_out(settings, tmp_path):
    wanted = tmp_path / "fee_rules.csv"
    wanted.write_text(fees("0.0055", ALIPAY), encoding="utf-8")
    adopted(settings, wanted)
    assert fees("0.0055", ALIPAY) == (settings.rules_dir / "fee_rules.csv").read_text(encoding="utf-8")
    archive = landed(settings)
    assert {"wechat": "0.0055", "alipay": "0.006"} == {name: row["rate"] for name, row in counting(settings).items()}
    assert [] == list(prove_rules(archive))


@pytest.mark.parametrize(
    ("table", "maker", "checker", "said"),
    [
        ("fee_rules", "mei", "mei", "is mei's own"),
        ("fee_rules", "lin", "wang", "may not approve"),
        ("people", "lin", "zhao", "may not approve"),
    ],
)
def test_an_approval_needs_a_second_person_with_the_role(  # noqa: PLR0917
    settings, tmp_path, table, maker, checker, said
):
    texts = {"fee_rules": fees("0.0055"), "people": desk_of.PEOPLE + "new,RA,,\n"}
    wanted = tmp_path / "wanted.csv"
    wanted.write_text(texts[table], encoding="utf-8")
    with pytest.raises(DecisionError, match=said):
        approve(settings, checker, [proposed(settings, wanted, maker, table)], now)


@pytest.mark.parametrize(
    ("maker", "checker", "key"),
    [
        ("lin", "lin", "lin"),
        ("lin", "wang", "wang"),
        ("mei", "mei", "mei"),
        ("zhao", "zhao", "zhao"),
        ("lin", "mei", "wang"),
    ],
    ids=["by oneself", "without the role", "by the manager himself", "by the supervisor himself", "with another's key"],
)
def test_an_approval_around_the_desk_by_oneself_or_without_the_role_counts_for_nothing(
    settings, tmp_path, maker, checker, key
):
    wanted = tmp_path / "fee_rules.csv"
    wanted.write_text(fees("0.5"), encoding="utf-8")
    event = propose_rules(settings, maker, "fee_rules", wanted, None, now)
    public, _ = signer(settings.data_dir, person_of(settings, checker))
    _, sign = signer(settings.data_dir, person_of(settings, key))
    verdict = {"proposal": event.hash, "rule_table": "fee_rules", "public_key": public}
    with store_of(settings).appending() as log:
        log.add(Draft("approved", checker, verdict, event.decision_id), sign, now)
    archive = landed(settings)
    assert "0.006" == counting(settings)["wechat"]["rate"]
    assert [] == list(prove_rules(archive))


def test_supervisors_approve_rules_and_what_is_rejected_never_counts(settings, tmp_path):
    wanted = tmp_path / "fee_rules.csv"
    wanted.write_text(fees("0.0055"), encoding="utf-8")
    number = proposed(settings, wanted)
    reject(settings, "wang", [number], "no contract", now)
    with pytest.raises(DecisionError, match="was rejected by wang already"):
        approve(settings, "mei", [number], now)
    adopted(settings, wanted, checker="zhao")
    landed(settings)
    assert "0.0055" == counting(settings)["wechat"]["rate"]


def test_a_table_that_changed_since_it_was_proposed_is_proposed_anew(settings, tmp_path):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text(fees("0.0055"), encoding="utf-8")
    other.write_text(fees("0.0054"), encoding="utf-8")
    late = proposed(settings, other, "wang")
    adopted(settings, one)
    with pytest.raises(DecisionError, match="is not in force any more"):
        approve(settings, "mei", [late], now)
    with pytest.raises(DecisionError, match="exactly these rows are in force already"):
        proposed(settings, one, "wang")


def test_people_count_by_the_people_before_them(settings, tmp_path):
    wanted = tmp_path / "people.csv"
    wanted.write_text(desk_of.PEOPLE, encoding="utf-8")
    # forged: whoever writes himself in approves nothing
    lay(settings, "people", desk_of.PEOPLE + "eve,FM,,\n")
    assert "eve" not in people_of(settings)
    with pytest.raises(
        DecisionError,
        match=r"eve stands in people.csv, and no second person has approved that: one of lin, mei, wang, zhao",
    ):
        proposed(settings, wanted, "eve", "people")
    wanted.write_text(desk_of.PEOPLE.replace("wang,RA", "ana,FM"), encoding="utf-8")
    # wang proposes while he is one of them, and leaves; what he said before stays said
    desk_of.written_off(settings, name="wang")
    adopted(settings, wanted, "people")
    assert {"lin", "ana", "zhao", "mei"} == set(people_of(settings))
    fee = tmp_path / "fee_rules.csv"
    fee.write_text(fees("0.0055"), encoding="utf-8")
    adopted(settings, fee, checker="ana")
    archive = landed(settings)
    assert "0.0055" == counting(settings)["wechat"]["rate"]
    assert {"lin", "ana", "zhao", "mei"} == set(counting(settings, "people"))
    assert [] == list(prove_rules(archive))
    order = [entry.stream for entry in archive.entries() if entry.stream in {"people", "events"}]
    assert ["people", "events", "events", "people", "events"] == order
    valid = []
    for entry in archive.entries():
        if entry.stream == "events":
            with archive.path_of(entry).open(encoding="utf-8", newline="") as file:
                valid += [row["is_signature_valid"] for row in csv.DictReader(file)]
    assert {"true"} == set(valid)


def test_who_is_not_there_yet_when_he_approves_approves_nothing(settings, tmp_path):
    wanted = tmp_path / "people.csv"
    wanted.write_text(desk_of.PEOPLE + "eve,FM,,\n", encoding="utf-8")
    event = propose_rules(settings, "lin", "people", wanted, None, now)
    eve = desk_of.people_row("eve", "FM")
    public, sign = signer(settings.data_dir, eve)
    verdict = {"proposal": event.hash, "rule_table": "people", "public_key": public}
    with store_of(settings).appending() as log:
        log.add(Draft("approved", "eve", verdict, event.decision_id), sign, now)
    assert "eve" not in people_of(settings)
    landed(settings)
    assert "eve" not in counting(settings, "people")


def test_without_a_table_of_people_every_table_counts_as_it_lies(tmp_path):
    settings = desk_of.made(tmp_path)
    (settings.rules_dir / "people.csv").unlink()
    for rate in ("0.006", "0.5"):
        lay(settings, "fee_rules", fees(rate))
        archive = landed(settings)
        assert rate == counting(settings)["wechat"]["rate"]
    assert ((), ()) == (
        rules_that_count(archive, settings).unapproved,
        rules_that_count(archive, settings).unconfirmed,
    )


def test_a_table_that_nobody_approved_counts_as_first_received_until_two_approve_another(tmp_path):
    settings = desk_of.made(tmp_path)
    lay(settings, "fee_rules", fees())
    landed(settings)
    lay(settings, "fee_rules", fees("0.5"))
    rules = rules_that_count(landed(settings), settings)
    assert "0.006" == counting(settings)["wechat"]["rate"]
    assert (("fee_rules wechat: changed",), ("fee_rules", "people")) == (rules.unapproved, rules.unconfirmed)
    adopted(settings, settings.rules_dir / "fee_rules.csv", checker="zhao")
    landed(settings)
    assert "0.5" == counting(settings)["wechat"]["rate"]


def test_what_is_only_shipped_needs_no_approval_and_a_file_in_its_place_does(settings):
    archive = Archive(settings.data_dir)
    (entry,) = [entry for entry in archive.entries() if entry.stream == "owners"]
    assert {"shipped": "true"} == entry.stated
    assert "people" not in {e.stream for e in archive.entries() if e.stated.get("shipped")}
    shipped = archive.path_of(entry).read_text(encoding="utf-8")
    lay(settings, "owners", shipped.replace("RA", "FM"))
    assert "owners" in {line.split()[0] for line in rules_that_count(landed(settings), settings).unapproved}
    assert shipped == as_csv("owners", counting(settings, "owners").values()).decode()


def test_a_table_in_the_archive_that_differs_from_what_was_approved_is_named(settings):
    archive = Archive(settings.data_dir)
    lay(settings, "fee_rules", fees("0.5"))
    archive.land_tables(settings, now().date(), now())
    (finding,) = prove_rules(archive)
    assert "fee_rules is not what decision" in finding.detail
    assert finding.detail.endswith("differing: wechat")


def test_the_log_holds_the_rows_themselves(settings):
    (event,) = [e for e in store_of(settings).events() if e.kind == "proposed" and "fee_rules" in e.content]
    (row,) = json.loads(event.content)["rows"]
    assert ("wechat", "0.006") == (row["rule_id"], row["rate"])


def test_the_same_rows_are_proposed_once_while_nobody_has_judged_them(settings, tmp_path):
    wanted = tmp_path / "fee_rules.csv"
    wanted.write_text(fees("0.0055"), encoding="utf-8")
    number = proposed(settings, wanted)
    with pytest.raises(DecisionError, match=f"proposed in {number} already"):
        proposed(settings, wanted)
    reject(settings, "wang", [number], "no contract", now)
    assert number != proposed(settings, wanted)
