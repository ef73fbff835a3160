"""Signatures: made by the person's own key, for one place of one log; what is archived is proven without this code."""

import csv
import stat
from dataclasses import asdict, replace

import desk_of
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestration.decisions import DecisionError, approve, land_events, store_of
from orchestration.decisions.event import Draft
from orchestration.decisions.people import people_of, person_of
from orchestration.decisions.signing import is_signed, key_path, public_text, signed_by_their_persons, signer
from orchestration.landing import Archive
from orchestration.proof.decisions import prove_decisions


@pytest.fixture
def settings(tmp_path):
    return desk_of.made(tmp_path)


def landed(settings):
    archive, day = Archive(settings.data_dir), desk_of.now().date()
    archive.land_tables(settings, day, desk_of.now())
    land_events(archive, settings, day, desk_of.now())
    return archive


def forced(settings, draft, sign):
    """Around the desk, straight into the log."""
    with store_of(settings).appending() as log:
        return log.add(draft, sign, desk_of.now)


def test_a_key_is_made_on_first_use_and_is_its_owners_alone(settings):
    desk_of.written_off(settings)
    path = key_path(settings.data_dir, "lin")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    made = path.read_bytes()
    desk_of.written_off(settings, "e2")
    assert made == path.read_bytes()


def test_a_signature_holds_for_one_event_at_one_place_only(settings):
    desk_of.written_off(settings)
    (event,) = store_of(settings).events()
    public = event.facts["public_key"]
    assert is_signed(event, public)
    others = {
        "sequence": 2,
        "at": "2026-10-03",
        "person": "wang",
        "kind": "approved",
        "decision_id": "x",
        "content": "{}",
    }
    for name, other in {**others, "previous_hash": "1" * 64, "signature": "AAAA"}.items():
        assert not is_signed(replace(event, **{name: other}), public)
    assert not is_signed(event, public_text(Ed25519PrivateKey.generate()))


def test_the_key_is_the_one_that_people_names_or_else_the_first_that_the_person_used(tmp_path):
    settings = desk_of.made(tmp_path)
    desk_of.written_off(settings)
    key_path(settings.data_dir, "lin").unlink()
    desk_of.written_off(settings, "e2")
    assert [True, False] == signed_by_their_persons(store_of(settings).events(), people_of(settings))
    stranger = public_text(Ed25519PrivateKey.generate())
    settings = desk_of.made(tmp_path, desk_of.PEOPLE.replace("lin,RA,,", f"lin,RA,,{stranger}"))
    assert [False, False] == signed_by_their_persons(store_of(settings).events(), people_of(settings))
    with pytest.raises(DecisionError, match="is not the key that the rule table people names"):
        signer(settings.data_dir, person_of(settings, "lin"))
    key_path(settings.data_dir, "lin").unlink()
    with pytest.raises(DecisionError, match="sign where that key lies"):
        signer(settings.data_dir, person_of(settings, "lin"))


def test_a_name_is_no_path(settings):
    with pytest.raises(DecisionError, match="cannot be the name of a key file"):
        key_path(settings.data_dir, "../lin")


def test_a_sound_log_is_proven(settings):
    number = desk_of.written_off(settings)
    landed(settings)
    approve(settings, "wang", [number], desk_of.now)
    assert [] == list(prove_decisions(landed(settings)))


def test_a_forged_signature_a_replayed_event_and_an_approval_of_ones_own_are_archived_as_such_and_named(settings):
    number = desk_of.written_off(settings)
    (proposal,) = store_of(settings).events()
    public, sign = signer(settings.data_dir, person_of(settings, "lin"))
    verdict = {"proposal": proposal.hash, "public_key": public}
    forced(settings, Draft("approved", "lin", verdict, number), sign)
    approval = approve(settings, "wang", [number], desk_of.now)[0][0]
    forced(settings, Draft("approved", "mei", verdict, number), lambda event: approval.signature)
    forced(settings, Draft("approved", "wang", approval.facts, number), lambda event: approval.signature)
    forced(settings, Draft("approved", "nobody", verdict, number), sign)
    archive = landed(settings)
    with archive.path_of(archive.entries()[-1]).open(encoding="utf-8", newline="") as file:
        assert ["true", "true", "true", "false", "false", "false"] == [
            row["is_signature_valid"] for row in csv.DictReader(file)
        ]
    found = [finding.detail for finding in prove_decisions(archive)]
    assert [
        f"event 2 (approved {number} by lin) approves what lin proposed; it has no effect",
        f"event 4 (approved {number} by mei) is not signed by mei; it has no effect",
        f"event 5 (approved {number} by wang) is not signed by wang; it has no effect",
        f"event 6 (approved {number} by nobody) is not signed by nobody; it has no effect",
    ] == found


@pytest.mark.parametrize(
    ("column", "cell", "named"),
    [
        ("content", "{}", "event 2 (proposed {} by lin) was changed"),
        ("hash", "1" * 64, "event 2 (proposed {} by lin) was changed"),
        ("previous_hash", "1" * 64, "event 2 (proposed {} by lin) does not name the event before it"),
        ("sequence", "3", "event 2 (proposed {} by lin) does not name the event before it"),
        ("is_signature_valid", "false", "event 2 (proposed {} by lin) was archived with another word"),
    ],
)
def test_a_break_in_what_was_archived_is_named(settings, column, cell, named):
    desk_of.written_off(settings)
    number = desk_of.written_off(settings, "e2")
    archive = landed(settings)
    path = archive.path_of(archive.entries()[-1])
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1][column] = cell
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert [named.format(number)] == [
        finding.detail[: len(named.format(number))] for finding in prove_decisions(archive)
    ][:1]


def test_what_is_signed_holds_everything_but_the_signature(settings):
    desk_of.written_off(settings)
    (event,) = store_of(settings).events()
    assert set(asdict(event)) - {"signature", "hash"} == {
        "sequence", "at", "person", "kind", "decision_id", "content", "previous_hash",
    }  # fmt: skip
    for name in ("sequence", "at", "person", "kind", "decision_id", "previous_hash"):
        assert str(getattr(event, name)).encode() in event.message
    assert event.facts["record_fingerprint"].encode() in event.message
