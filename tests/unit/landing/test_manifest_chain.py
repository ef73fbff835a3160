"""The manifest: chained, whole answers only, safe against a crash at any byte."""

import json
from dataclasses import replace

import pytest

from orchestration.landing.entry import FIRST, BrokenArchive, Entry
from orchestration.landing.manifest import Manifest

BLANK = Entry(
    *(0, 0, 0, "arrived", "c", "s", "t", "2026-09-26", None, {}, "n", "2026-09-27T00:00:00+00:00", "d" * 64),
    *(1, "csv", {}, None, None, None),
)


@pytest.fixture
def manifest(tmp_path):
    return Manifest(tmp_path / "manifest.jsonl")


def test_entries_are_chained_and_numbered(manifest):
    manifest.append([BLANK, BLANK])
    manifest.append([replace(BLANK, name="中文")])
    first, second, third = manifest.entries()
    assert [1, 2, 3] == [first.sequence, second.sequence, third.sequence]
    assert [(1, 2), (1, 2), (3, 1)] == [(entry.pull, entry.pull_size) for entry in (first, second, third)]
    assert (FIRST, first.hash, second.hash) == (first.previous, second.previous, third.previous)
    assert (3, third.hash, None) == (manifest.verify().entries, manifest.verify().head, manifest.verify().broken_at)


def test_a_torn_answer_is_no_answer_whatever_the_byte(manifest):
    manifest.append([BLANK])
    kept = manifest.path.stat().st_size
    manifest.append([BLANK, BLANK])
    whole = manifest.path.read_bytes()
    for size in range(kept, len(whole), 97):
        manifest.path.write_bytes(whole[:size])
        fresh = Manifest(manifest.path)
        assert 1 == len(fresh.entries())
        fresh.append([replace(BLANK, name="after")])
        assert [1, 2] == [entry.sequence for entry in Manifest(manifest.path).entries()]
        assert fresh.verify().broken_at is None


def test_two_writers_see_each_other(manifest):
    other = Manifest(manifest.path)
    manifest.append([BLANK])
    other.append([BLANK])
    manifest.append([BLANK])
    assert [1, 2, 3] == [entry.sequence for entry in other.entries()]
    assert 3 == len(other.of_day("c", "t", "2026-09-26"))
    assert manifest.verify().broken_at is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda facts: facts | {"size": 2}, "was changed"),
        (lambda facts: facts | {"sequence": 7}, "carries sequence"),
        (lambda facts: facts | {"previous": "0" * 63 + "1"}, "does not name"),
        (lambda facts: {"sequence": 2}, "is no manifest entry"),
    ],
)
def test_a_change_is_named(manifest, change, reason):
    manifest.append([BLANK, BLANK])
    manifest.append([BLANK])
    lines = manifest.path.read_text(encoding="utf-8").splitlines()
    lines[1] = json.dumps(change(json.loads(lines[1])), sort_keys=True, separators=(",", ":"))
    manifest.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = Manifest(manifest.path).verify()
    assert 2 == report.broken_at
    assert reason in str(report.reason)


def test_a_removed_line_is_named(manifest):
    manifest.append([BLANK])
    manifest.append([BLANK])
    manifest.path.write_text(manifest.path.read_text().splitlines(keepends=True)[1])
    assert 1 == manifest.verify().broken_at


def test_rubbish_inside_the_manifest_is_an_error_that_says_where(manifest):
    manifest.append([BLANK])
    with manifest.path.open("a") as file:
        file.write("rubbish\n")
    with pytest.raises(BrokenArchive, match="line 2"):
        Manifest(manifest.path).entries()
