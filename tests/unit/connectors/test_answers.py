"""Answers as files: what leads to records is handed on as it is, everything else is refused by name."""

import json

import pytest

from connectors.core.answers import answers, at, beginning, is_answer

ROWS = at("$.data.rows")


def read(folder, text, place=ROWS, suffix="json", **more):
    path = folder / f"page.{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return answers("orders", place, **more)(path, suffix, folder, None, "their.json")


def test_the_file_itself_is_the_part(tmp_path):
    [part] = read(tmp_path, '\ufeff{"data":{"rows":[{"a":1.10}]}}').parts
    assert ("orders", "$.data.rows", False) == (part.table, part.items, part.lines)
    assert tmp_path / "page.json" == part.path


@pytest.mark.parametrize(("suffix", "options"), [("ndjson", {}), ("json", {"is_bundle": True})])
def test_a_bundle_has_an_answer_a_line(tmp_path, suffix, options):
    two = '{"data":{"rows":[]}}\n\n{"data":{"rows":[{}]}}\n'
    [part] = read(tmp_path, two, suffix=suffix, **options).parts
    assert part.lines
    broken = read(tmp_path, two + '{"data":1}', suffix=suffix, **options)
    assert "their.json is no answer of this API: no list of records is at $.data.rows; fetch it again" == broken.refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<html>", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no list of records is at $.data.rows"),
        ('{"data":{"rows":{}}}', "no list of records is at $.data.rows"),
        ('{"data":{"rows":[{},1]}}', "no record at $.data.rows"),
    ],
)
def test_what_leads_to_no_records_is_refused(tmp_path, text, reason):
    found = read(tmp_path, text)
    assert () == found.parts
    assert found.refused.startswith("their.json ")
    assert reason in found.refused
    assert not is_answer(tmp_path / "page.json", ROWS)


def test_a_bundle_of_two_kinds_loses_neither_unnoticed(tmp_path):
    either = lambda document: at("$.a", dict)(document) if "a" in document else at("$.b", dict)(document)  # noqa: E731
    assert "several kinds" in read(tmp_path, '{"a":{}}\n{"b":{}}\n', either, suffix="ndjson").refused
    assert read(tmp_path, '{"a":{}}\n{"a":{}}\n', either, suffix="ndjson").refused is None


def test_one_object_counts_where_it_is_allowed(tmp_path):
    assert "no record is at $" in read(tmp_path, "[]", at("", dict)).refused
    assert read(tmp_path, "{}", at("", dict)).refused is None
    assert read(tmp_path, "{}", at("", list, dict)).refused is None


def test_a_record_can_refuse_its_file_or_be_shown(tmp_path):
    text = json.dumps({"data": {"rows": [{"n": 1}, {"n": 2}]}})
    wrong = at("$.data.rows", wrong=lambda record: "counts to two" if record["n"] > 1 else "")
    assert "their.json counts to two; fetch it again" == read(tmp_path, text, wrong).refused
    noted = read(tmp_path, text, note=lambda record: "two" if record["n"] > 1 else "")
    assert ("two",) == noted.notes


def test_the_beginning_of_a_file(tmp_path):
    path = tmp_path / "a.json"
    assert b"" == beginning(path, 4)
    path.write_bytes(b"\xef\xbb\xbf \n{}")
    assert b"{" == beginning(path, 6)
    assert not is_answer(path.rename(tmp_path / "a.txt"), at("", dict))
