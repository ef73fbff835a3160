"""A file that merely appears in a person's folder can only propose, once, unsigned, and somebody else approves it."""

import csv

import desk_of
import pytest
from desk_of import at_rest, now

from orchestration.decisions import DecisionError, approve, found, land_events, rules_that_count, store_of
from orchestration.decisions.event import Draft
from orchestration.decisions.inbox import take_inbox
from orchestration.landing import Archive
from orchestration.proof.decisions import prove_decisions
from orchestration.proof.rule_tables import prove_rules

DECISIONS = "key,action,amount,note\ne1,write_off,0.30,too small\nnone,cause,,\n"
FEES = "rule_id,platform,store,account,fee_type,category,base,rate,fixed,minimum,maximum,refundable,after_refunds,date_basis,valid_from,valid_to,evidence\nwechat,wechatpay,,,payment_fee,,buyer_paid,0.00123,,,,true,false,paid,2020-01-01,,contract\n"


@pytest.fixture
def settings(tmp_path):
    made = desk_of.made(tmp_path)
    found(made, now)
    return made


def taken(settings):
    return take_inbox(Archive(settings.data_dir), settings, now().date(), now)


def words(settings):
    """Who proposed what, and with which word about the signature it was archived."""
    archive = Archive(settings.data_dir)
    land_events(archive, settings, now().date(), now())
    rows = []
    for entry in archive.entries():
        if entry.stream == "events":
            with archive.path_of(entry).open(encoding="utf-8", newline="") as file:
                rows += [(row["person"], row["kind"], row["is_signature_valid"]) for row in csv.DictReader(file)]
    return rows


def test_a_file_becomes_proposals_once_is_archived_and_answered(settings, tmp_path):
    file = at_rest(tmp_path / "inbox" / "lin" / "decisions.csv", DECISIONS)
    (one,) = taken(settings)
    assert ("lin", 1, 1, "decisions-answer.csv") == (one.person, one.proposals, one.refused, one.answer.name)
    assert "none is a number of no open exception" in one.answer.read_text(encoding="utf-8-sig")
    assert () == taken(settings)
    assert [file.read_bytes()] == [
        Archive(settings.data_dir).path_of(entry).read_bytes()
        for entry in Archive(settings.data_dir).entries()
        if (entry.connection, entry.stream) == ("_inbox", "lin")
    ]
    event = store_of(settings).events()[-1]
    assert ("", True, "lin") == (event.signature, event.facts["is_unsigned"], event.person)
    assert ("lin", "proposed", "unsigned") == words(settings)[-1]


def test_what_is_unsigned_needs_a_second_person_all_the_same(settings, tmp_path):
    at_rest(tmp_path / "inbox" / "lin" / "decisions.csv", DECISIONS)
    taken(settings)
    event = store_of(settings).events()[-1]
    with pytest.raises(DecisionError, match="is lin's own"):
        approve(settings, "lin", [event.decision_id], now)
    approve(settings, "wang", [event.decision_id], now)
    assert [("lin", "proposed", "unsigned"), ("wang", "approved", "true")] == words(settings)[-2:]
    assert [] == list(prove_decisions(Archive(settings.data_dir)))


def test_an_approval_is_never_unsigned(settings, tmp_path):
    at_rest(tmp_path / "inbox" / "lin" / "decisions.csv", DECISIONS)
    taken(settings)
    event = store_of(settings).events()[-1]
    verdict = {"proposal": event.hash, "is_unsigned": True, "public_key": ""}
    with store_of(settings).appending() as log:
        log.add(Draft("approved", "mei", verdict, event.decision_id), lambda _: "", now)
    assert ("mei", "approved", "false") == words(settings)[-1]
    assert [event.decision_id] == [one.decision_id for one in approve(settings, "mei", [event.decision_id], now)[0]]


def test_a_rule_table_is_proposed_and_counts_once_approved(settings, tmp_path):
    at_rest(tmp_path / "inbox" / "lin" / "fee_rules.csv", FEES)
    taken(settings)
    number = store_of(settings).events()[-1].decision_id
    archive = Archive(settings.data_dir)
    assert b"0.00123" not in rules_that_count(archive, settings).tables["fee_rules"]
    approve(settings, "mei", [number], now)
    land_events(archive, settings, now().date(), now())
    counting = rules_that_count(archive, settings, archived=True).tables
    archive.land_tables(settings, now().date(), now(), counting)
    assert b"0.00123" in counting["fee_rules"]
    assert [] == list(prove_rules(archive))


def test_a_file_that_is_still_written_another_s_folder_and_an_answer_are_left_alone(settings, tmp_path):
    (tmp_path / "inbox" / "lin").mkdir(parents=True)
    fresh = tmp_path / "inbox" / "lin" / "decisions.csv"
    fresh.write_text(DECISIONS, encoding="utf-8")
    at_rest(tmp_path / "inbox" / "stranger" / "decisions.csv", DECISIONS)
    at_rest(tmp_path / "inbox" / "wang" / "decisions-answer.csv", DECISIONS)
    at_rest(tmp_path / "inbox" / "wang" / "notes.txt", "hello")
    assert () == taken(settings)


def test_a_file_that_cannot_be_read_is_answered_with_the_reason(settings, tmp_path):
    at_rest(tmp_path / "inbox" / "lin" / "fee_rules.csv", FEES.replace("0.00123", "much"))
    at_rest(tmp_path / "inbox" / "mei" / "list.xlsx", "no workbook")
    fees, worklist = taken(settings)
    assert "'much' is not allowed" in fees.answer.read_text(encoding="utf-8-sig")
    assert (0, 1) == (worklist.proposals, worklist.refused)
