"""An evidence pack is checked with sha256sum and DuckDB alone: whole, without buyers' data, and every change is seen."""

import re
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime

import duckdb
import pytest

from orchestration.landing import Archive
from orchestration.reports.evidence import write_evidence
from orchestration.settings import load
from orchestration.warehouse import RunFacts
from orchestration.warehouse.ledger import append_entry, next_entry
from orchestration.warehouse.statements import Made, Range
from tests.merchant import Merchant

NOW = datetime(2026, 10, 3, 2, 30, tzinfo=UTC)
DAYS = Range(date(2026, 9, 1), date(2026, 9, 30))
PEOPLE = "person,roles,limit_amount,public_key\nlin,RA,,AAAA\nmei,FM,,BBBB\n"
TABLES = """
    create schema marts;
    create table marts.statement_lines as
    select 'order_payment' as level, 'left' as side, 'order' as record_type, 's' as store, null::varchar as account,
        'CNY' as currency, null::varchar as match_id, '{digest}' as source_file_sha256, lines.*
    from (values ('a', 7.00::decimal(18, 2), date '2026-08-30', null::date), ('b', -2.00, '2026-09-02', null),
        ('c', 3.00, '2026-09-03', '2026-10-01'), ('d', 9.00, '2026-10-01', null)
    ) as lines (record_key, amount, started_on, matched_on);
    create table marts.statements as
    select 'store:s' as scope, 'store:s/2026-09' as statement_id, 'order_payment' as level, 'left' as side,
        'CNY' as currency, 'month' as period_kind, '2026-09' as period, date '2026-09-01' as period_start,
        date '2026-09-30' as period_end, 7.00::decimal(18, 2) as opening, 3.00::decimal(18, 2) as in_amount,
        2.00::decimal(18, 2) as out_amount, 0.00::decimal(18, 2) as matched, 8.00::decimal(18, 2) as closing;
    create table marts.matches as
    select * from (values ('m', date '2026-09-01'), ('n', '2026-10-01')) as t (match_id, business_date);
    create table marts.changes as select 1 as x;
    create table marts.kpis as select date '2026-10-01' as day
"""


@pytest.fixture
def shop(tmp_path):
    """A folder with an archive, a run in the ledger, and a snapshot of four lines."""
    merchant = Merchant(tmp_path)
    merchant.deliver("1")
    (tmp_path / "rules" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    settings = load(tmp_path / "tieout.toml", {})
    archive = Archive(settings.data_dir)
    archive.land_tables(settings, NOW.date(), NOW)
    received = archive.entries()
    run = RunFacts("run-1", NOW, *(DAYS.first, DAYS.last), NOW, NOW)
    inputs = {"archive_sequence": len(received), "archive_head": received[-1].hash}
    append_entry(settings.data_dir, next_entry([], run, inputs, "r", {}))
    digest = next(entry.digest for entry in received if entry.connection == "_settings")
    with duckdb.connect() as snapshot:
        snapshot.execute(TABLES.format(digest=digest))
        yield settings, snapshot


def packed(shop, folder, *, with_originals=False):
    settings, snapshot = shop
    made = Made("run-1", NOW.replace(tzinfo=None), "a" * 64, "")
    pack = write_evidence(
        snapshot, settings.data_dir, folder / "evidence.zip", (made, DAYS), with_originals=with_originals
    )
    with zipfile.ZipFile(pack.path) as file:
        file.extractall(folder / "pack")
    assert ["evidence.zip", "pack"] == sorted(path.name for path in folder.iterdir())
    return pack, folder / "pack"


def sums_are_right(folder):
    command = shutil.which("sha256sum") or pytest.fail("sha256sum is needed")
    return subprocess.run([command, "--check", "--strict", "MANIFEST.sha256"], cwd=folder, check=False).returncode == 0


def answers(folder):
    """What the page's statements give, one list of rows each, in a DuckDB that knows nothing but this folder."""
    page = (folder / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)
    with duckdb.connect() as fresh:
        fresh.execute(f"set file_search_path = '{folder}'")
        return [fresh.execute(statement).fetchall() for statement in fresh.extract_statements(block)]


@pytest.fixture
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("evidence")


def test_sums_hold_and_every_statement_gives_what_it_says(shop, place):
    pack, folder = packed(shop, place)
    assert sums_are_right(folder)
    counts, statements, sums, sources, chains = answers(folder)
    assert {(one.table, one.rows) for one in pack.tables} == set(counts)
    assert {"matches": 1, "statement_lines": 3, "statements": 1} == dict(counts)
    assert ([], [], []) == (statements, sources, chains)
    assert [("order_payment", "left", "CNY", 7, 3, 2, 0, 8)] == sums


def test_every_file_is_listed_and_no_received_file_or_private_key_is_in_it(shop, place):
    _, folder = packed(shop, place)
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    listed = {line.split("  ", 1)[1] for line in (folder / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()}
    assert listed == paths - {"MANIFEST.sha256"}
    files = [path for path in paths if path.startswith("archive/files/")]
    assert {path.split("/")[2] for path in files} == {"_rules"}
    assert not [path for path in paths if path.endswith((".pem", ".key"))]
    people = (folder / "decisions" / "people.csv").read_text(encoding="utf-8").splitlines()
    assert ["person,roles,public_key", "lin,RA,AAAA", "mei,FM,BBBB"] == people


def test_the_originals_come_only_where_somebody_asks_for_them(shop, place):
    settings, _ = shop
    pack, folder = packed(shop, place, with_originals=True)
    assert pack.files == pack.originals
    entries = {entry.digest: entry for entry in Archive(settings.data_dir).entries()}
    for path in (folder / "archive" / "files").rglob("*.*"):
        assert Archive(settings.data_dir).path_of(entries[path.stem]).read_bytes() == path.read_bytes()
    assert sums_are_right(folder)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("archive/manifest.jsonl", b'"size":', b'"size":1'),
        ("ledger/runs.jsonl", b'"state":"done"', b'"state":"fine"'),
        ("decisions/people.csv", b"AAAA", b"CCCC"),
    ],
)
def test_what_is_changed_in_it_is_seen(shop, place, file, before, after):
    _, folder = packed(shop, place)
    path = folder / file
    path.write_bytes(path.read_bytes().replace(before, after, 1))
    assert not sums_are_right(folder)


def test_lines_that_do_not_add_up_are_named(shop, place):
    shop[1].execute("update marts.statement_lines set amount = 4 where record_key = 'c'")
    _, folder = packed(shop, place)
    assert [("store:s/2026-09",)] == answers(folder)[1]
