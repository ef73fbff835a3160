"""A decisions file: which exception a key names, what is refused with which reason, and what is proposed."""

import desk_of
import duckdb
import openpyxl
import pytest
from desk_of import now

from orchestration.decisions import DecisionError, store_of
from orchestration.decisions.template import is_template, propose_template

HEADER = "exception_code,entity,key,action,amount,posted_on,cause,note\n"


@pytest.fixture
def settings(tmp_path):
    """Exceptions e1 and e2 of the desk, with the numbers of both sides; e2 has two namesakes."""
    made = desk_of.made(tmp_path)
    with duckdb.connect(str(made.data_dir / "published" / "tieout.duckdb")) as connection:
        connection.execute("update marts.exceptions set entity = 'HQ', left_key = 'L1 L2', right_key = 'R1'")
        connection.execute("update marts.exceptions set left_key = 'L7', right_key = 'SAME' where exception_id = 'e2'")
        connection.execute("update marts.exceptions set left_key = null, right_key = 'SAME' where exception_id = 'e4'")
    return made


def told(settings, text, name="lin"):
    path = settings.data_dir / "decisions_today.csv"
    path.write_text(HEADER + text, encoding="utf-8")
    return propose_template(settings, path, name, now)


@pytest.mark.parametrize("key", ["e1", "p1", "L2", "R1"])
def test_a_key_is_the_number_of_either_side_of_the_record_or_of_the_exception(settings, key):
    (line,) = told(settings, f",,{key},write_off,0.30,,,too small\n")
    (event,) = store_of(settings).events()
    assert ("", event.decision_id, "e1") == (line.reason, line.decision_id, event.facts["exception_id"])
    assert ("0.30", "too small", "lin") == (event.facts["amount"], event.facts["note"], event.person)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",,SAME,cause,,,timing,", "several open exceptions: E001 e4"),
        (",,NONE,cause,,,timing,", "NONE is a number of no open exception"),
        ("E999,,e1,cause,,,timing,", "no open exception with code E999"),
        (",JP,e1,cause,,,timing,", "no open exception with entity JP"),
        (",,e3,cause,,,timing,", "no open exception"),
        (",,,cause,,,timing,", "key is empty"),
        (",,e1,write_off,3 yuan,,,n", "is no amount"),
        (",,e1,accept_timing,,next week,,", "is no day"),
        (",,e1,forget,,,,", "is not known"),
        (",,e1,reverse,,,,n", "is about a decision"),
    ],
)
def test_a_line_that_cannot_stand_is_refused_with_its_reason_and_the_others_are_taken(settings, row, said):
    refused, taken = told(settings, f"{row}\nE103,HQ,SAME,cause,,,timing,\n")
    assert said in refused.reason
    assert ("", 3) == (taken.reason, taken.line)
    assert ["e2"] == [event.facts["exception_id"] for event in store_of(settings).events()]


def test_a_workbook_is_read_from_the_sheet_named_like_the_stream(settings, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("decisions")
    sheet.append(["key", "action", "posted_on"])
    sheet.append(["L1", "accept_timing", "2026-10-09"])
    book.save(tmp_path / "decisions.xlsx")
    (line,) = propose_template(settings, tmp_path / "decisions.xlsx", "lin", now)
    (event,) = store_of(settings).events()
    assert ("", "2026-10-09") == (line.reason, event.facts["posted_on"])


def test_another_heading_is_refused_whole(settings):
    path = settings.data_dir / "decisions.csv"
    path.write_text("key,verb\ne1,cause\n", encoding="utf-8")
    with pytest.raises(DecisionError, match="misses action; the columns of a decisions file are"):
        propose_template(settings, path, "lin", now)
    path.write_text("key,action,colour\ne1,cause,red\n", encoding="utf-8")
    with pytest.raises(DecisionError, match="has colour"):
        propose_template(settings, path, "lin", now)
    with pytest.raises(DecisionError, match="nobody is not in the rule table"):
        propose_template(settings, path, "nobody", now)


def test_a_decisions_file_is_known_by_its_name(tmp_path):
    assert [True, True, False, False] == [
        is_template(tmp_path / name)
        for name in ("decisions.csv", "Decisions_today.xlsx", "exceptions.xlsx", "decisions.txt")
    ]
