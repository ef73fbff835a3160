"""Hostile input: a clear sentence or the quarantine, never a lost row, and everybody else goes on."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import day_runs
import duckdb
import odd_spreadsheets as odd
import pytest
from outside import Outside, small_world

CORNER = "connection = 'corner_export' and stream = 'orders'"


@pytest.fixture(scope="module")
def published(undisturbed):
    with day_runs.published(undisturbed[0]) as con:
        yield con


def digest(folder: Path, name: str) -> str:
    return hashlib.sha256((folder / "inbox" / "corner" / name).read_bytes()).hexdigest()


def quarantined(con: duckdb.DuckDBPyConnection, sha256: str) -> dict[int, tuple[str | None, str, str]]:
    found = con.execute(
        f"select source_row, column_name, reason, raw_row from marts.quarantine where source_file_sha256 = '{sha256}'"
    ).fetchall()
    return {row: tuple(facts) for row, *facts in found}


def test_every_bad_row_is_in_quarantine_with_line_column_and_reason(undisturbed, published):
    found = quarantined(published, digest(undisturbed[0], "orders_mixed.csv"))
    expected = {odd.line_of(row): column for row, column in odd.REJECTED.values()}
    ragged = {odd.line_of(row): None for row in odd.RAGGED}
    assert expected | ragged == {row: column for row, (column, _, _) in found.items()}
    for row, column in expected.items():
        assert found[row][1].startswith(f"{column} is ")
    assert ["too many columns", "missing columns"] == [found[row][1].rpartition(": ")[2] for row in ragged]


def test_a_rejected_row_shows_the_failing_cell_and_masks_what_is_nobodys_business(undisturbed, published):
    found = quarantined(published, digest(undisturbed[0], "orders_mixed.csv"))
    row = json.loads(found[odd.line_of(odd.REJECTED["no day"][0])][2])
    assert ("C-noday", "2026-02-30 09:00:00", "***", "***") == (
        *(row["order_no"], row["ordered_at"], row["paid_at"], row["status"]),
    )


def test_a_workbook_loses_no_row_either(undisturbed, published):
    found = quarantined(published, digest(undisturbed[0], "orders_book.xlsx"))
    assert {3: "order_no", 4: "goods_amount"} == {row: column for row, (column, _, _) in found.items()}
    assert '"goods_amount":"=SUM(A1)"' in found[4][2]


@pytest.mark.parametrize("name", odd.REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_whole(undisturbed, published, name):
    found = quarantined(published, digest(undisturbed[0], name))
    assert [None] == list(found)
    _, reason, raw_row = found[None]
    assert raw_row is None
    assert reason.startswith(name)
    assert odd.REFUSED[name][1] in reason


def test_good_rows_beside_bad_ones_are_taken_in_and_matched(published):
    found = dict(published.execute("select order_no, match_status from marts.orders where store = 'corner'").fetchall())
    matched = dict.fromkeys((*odd.GOOD, odd.BOM_GOOD, odd.WIDE_GOOD), "matched")
    assert matched | dict.fromkeys(("C-xlsx", "C-word"), "open") == found


def test_rows_in_are_rows_loaded_and_rows_in_quarantine(published):
    stages = published.execute(
        f"select stage, rows_in, rows_out, rows_quarantined from marts.conservation where {CORNER} order by stage"
    ).fetchall()
    rows = 1 + 1 + 3 + len(odd.mixed().splitlines()) - 1
    bad_cells, ragged, refused = len(odd.REJECTED) + 2, len(odd.RAGGED), len(odd.REFUSED)
    readable = rows - ragged
    assert [
        ("landed", rows + refused, readable, ragged + refused),
        ("ledger", readable - bad_cells, readable - bad_cells, 0),
        ("raw", readable, readable, 0),
        ("staged", readable, readable - bad_cells, bad_cells),
    ] == stages
    lost = "select * from marts.conservation where residual_rows <> 0 or residual_amount <> 0"
    assert [] == published.execute(lost).fetchall()


def test_the_run_says_what_is_incomplete_and_shows_no_traceback(undisturbed, published):
    _, ran = undisturbed
    assert "Traceback" not in ran.output
    incomplete = published.execute("select distinct account from marts.exceptions where code = 'E002'").fetchall()
    assert [("till",)] == incomplete
    stores = published.execute("select distinct store from marts.matches where store is not null").fetchall()
    assert {"tmall_flagship", "own_shop", "outlet"} < {store for (store,) in stores}


def test_a_formula_comes_back_as_text_that_no_spreadsheet_runs(undisturbed):
    query = "select order_no from orders where store = 'corner' and order_no like '%cmd%'"
    as_csv = day_runs.tieout(undisturbed[0], "query", query, "--csv")
    assert [["order_no"], [f"'{odd.FORMULA}"], []] == list(csv.reader(io.StringIO(as_csv.output)))
    as_json = day_runs.tieout(undisturbed[0], "query", query, "--json")
    assert [{"order_no": odd.FORMULA}] == json.loads(as_json.output)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    made = small_world(tmp_path_factory.mktemp("keys"))
    yield made
    made.close()


@pytest.fixture
def outside(tmp_path, sandbox):
    made = Outside(tmp_path, sandbox)
    yield made
    made.weather("", "down", times=0)


@pytest.mark.parametrize(
    ("name", "stream", "kind", "words"),
    [
        ("tmall_flagship", "trades", "html", "no JSON but text/html"),
        ("tmall_flagship", "trade_details", "broken_page", "no JSON"),
        ("alipay_main", "funds", "html", "no JSON but text/html"),
        ("wechat_main", "trades", "wrong_hash", "sign"),
        ("wechat_main", "funds", "html", "sign"),
    ],
)
def test_an_answer_that_is_none_makes_the_day_missing_and_the_next_pull_heals(outside, name, stream, kind, words):
    source = outside.settings().connection(name).source
    outside.weather(source, kind)
    entry = outside.land(name, stream).entries[-1]
    assert ("missing", "permanent") == (entry.status, entry.error_code)
    assert words in entry.reason
    assert not {"\n", "Traceback"} & set(entry.reason.split(" "))
    assert {} == outside.load()
    outside.weather(source, kind, times=0)
    outside.land(name, stream)
    assert outside.load()[f"{source}__{stream}"] > 0


def test_one_source_that_answers_nonsense_stops_no_other(outside):
    outside.weather("taobao", "html")
    for name in ("tmall_flagship", "alipay_main", "wechat_main"):
        outside.land(name, "trades")
    assert {"alipay__trades", "wechatpay__trades"} == set(outside.load())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("tmall_flagship", "TMALL_SECRET"),
        ("alipay_main", "ALIPAY_PRIVATE_KEY"),
        ("alipay_main", "ALIPAY_PUBLIC_KEY"),
        ("wechat_main", "WECHAT_PRIVATE_KEY"),
        ("wechat_main", "WECHAT_PLATFORM_PUBLIC_KEY"),
    ],
)
def test_a_wrong_signature_of_either_side_brings_nothing_and_says_so(outside, name, key):
    others = {"TMALL_SECRET": "WECHAT_APIV3_KEY", "ALIPAY_PRIVATE_KEY": "WECHAT_PRIVATE_KEY"}
    others |= {"ALIPAY_PUBLIC_KEY": "WECHAT_PLATFORM_PUBLIC_KEY", "WECHAT_PRIVATE_KEY": "ALIPAY_PRIVATE_KEY"}
    others |= {"WECHAT_PLATFORM_PUBLIC_KEY": "ALIPAY_PUBLIC_KEY"}
    outside.environ[key] = outside.environ[others[key]]
    report = outside.land(name, "trades")
    assert {"missing"} == {entry.status for entry in report.entries}
    reason = report.entries[-1].reason
    assert any(word in reason for word in ("signature", "not authorised", "signed"))
    assert outside.environ[key] not in reason


def drop(outside: Outside, source: str, bodies: dict[str, bytes]) -> None:
    """A connection of the source that reads a folder, and files in it."""
    folder = outside.root / "dropped" / source
    folder.mkdir(parents=True)
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
    outside.more += f'\n[[connection]]\nname = "by_hand"\nsource = "{source}"\npath = "dropped/{source}"\n'
    belongs = {"taobao": 'store = "tmall_flagship"', "alipay": 'account = "alipay_main"', "files": 'store = "outlet"'}
    outside.more += f"{belongs.get(source, '')}\n"


def test_a_zip_cut_anywhere_is_refused_whole_with_its_name(outside):
    report = outside.land("alipay_main", "trades")
    bill = outside.archive().path_of(report.entries[-1]).read_bytes()
    cuts = [10, 300, len(bill) // 2, len(bill) - 30, len(bill) - 1]
    drop(outside, "alipay", {f"cut_{at}.zip": bill[:at] for at in cuts})
    outside.land("by_hand", "trades")
    outside.land("by_hand", "funds")
    loaded = outside.load()
    entries = report.entries[-1:]
    assert {f"cut_{at}.zip" for at in cuts} == {name for name, _ in outside.refused()}
    assert all(reason.startswith(name) for name, reason in outside.refused())
    alone = f"select count(*) from raw.alipay__trades where file_id = {entries[0].sequence}"
    assert [(loaded["alipay__trades"],)] == outside.read(alone)


def test_numbers_that_a_double_cannot_carry_quarantine_their_record_alone(outside):
    trade = {"tid": 32609260000012300, "payment": "10.00", "modified": "2026-09-26 10:00:00"}
    page = json.dumps(
        {"trades_sold_increment_get_response": {"trades": {"trade": [trade, trade, trade]}, "total_results": 3}}
    )
    page = page.replace('"10.00"', "1234567890123456.78", 1)
    drop(
        outside,
        "taobao",
        {"page.json": page.encode(), "login.json": b"<html>log in</html>", "cut.json": page[:99].encode()},
    )
    outside.land("by_hand", "trades")
    assert {"taobao__trades": 2} == outside.load()
    assert [(1,)] == outside.read("select row_number from raw.rejected_rows where reason like 'payment %'")
    assert [("32609260000012300",)] * 2 == outside.read("select record ->> 'tid' from raw.taobao__trades")
    assert ["cut.json", "login.json"] == [name for name, _ in outside.refused()]


ROWS = 10_000_000
WORK = """
import json, resource, sys
from pathlib import Path
sys.path[:0] = [{path!r}]
from orchestration.landing import Archive
from orchestration.settings import load
from orchestration.warehouse import Warehouse
settings = load(Path({toml!r}), json.loads(sys.stdin.read()))
report = Warehouse(settings).load(Archive(settings.data_dir))
print(json.dumps([report.rows, report.rejected, report.refused, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


@pytest.mark.heavy
@pytest.mark.parametrize("flaw", ["none", "blank line and ragged row"])
def test_ten_million_rows_load_exactly_within_bounded_memory(outside, flaw):
    folder = outside.root / "big"
    folder.mkdir()
    half = ROWS // 2
    copied = "select 'O' || i, 'paid', '2026-09-26', '10.00', '10.00' from range({}, {}) t(i)"
    path = folder / "orders.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("order_no,status,ordered_at,goods_amount,buyer_paid\n")
    for first, last in ((0, half), (half, ROWS)):
        piece = folder / "piece.txt"
        duckdb.sql(f"copy ({copied.format(first, last)}) to '{piece}' (header false)")
        with path.open("ab") as out, piece.open("rb") as part:
            while block := part.read(1 << 24):
                out.write(block)
            if flaw != "none" and first == 0:
                out.write(b"\nO-short,paid\n")
        piece.unlink()
    outside.more = '\n[[connection]]\nname = "big"\nsource = "files"\nstore = "outlet"\npath = "big"\n'
    outside.land("big", "orders")
    path.unlink()
    outside.settings()
    code = WORK.format(path=str(Path(__file__).parents[2]), toml=str(outside.root / "tieout.toml"))
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(outside.environ), capture_output=True, text=True, check=True
    )
    rows, rejected, refused, peak_kb = json.loads(done.stdout)
    bad = 0 if flaw == "none" else 1
    assert (ROWS, bad, 0) == (rows, rejected, refused)
    assert peak_kb < 1_500_000
    lines = "select min(row_number), max(row_number), count(distinct row_number) from raw.files__orders"
    assert [(2, ROWS + 1 + 2 * bad, ROWS)] == outside.read(lines)
    assert [(half + 3,)] * bad == outside.read("select row_number from raw.rejected_rows")
    shutil.rmtree(outside.root / "data")
