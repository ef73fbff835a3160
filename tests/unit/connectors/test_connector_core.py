"""Registry, errors, transport manners, days and inspect."""

import json
import random
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from subprocess import run
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.days import days_of
from connectors.core.drops import day_in_name, suffix_of
from connectors.core.errors import Evidence, NotReadyYet, RateLimited, TransientError
from connectors.core.inspect import inspect_file
from connectors.core.protocol import Connection, Source, Tools, Window
from connectors.core.registry import NAMES, SOURCES, source_named, stream_named
from connectors.core.transport import Pace, transport_for

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEYS = {"source", "verdict", "reason", "statements", "streams", "quarantine"}


@pytest.fixture
def connection():
    return Connection(
        name="c",
        source="files",
        base_url=None,
        credentials={"secret": "hush"},
        path=None,
        timezone=SHANGHAI,
        currency="CNY",
        account=None,
        store=None,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_connector_states_itself_completely(name):
    source = SOURCES[name]()
    assert isinstance(source, Source)
    assert name == source.name
    for stream in source.streams:
        assert stream.tables
        assert all(columns and len(columns) == len(set(columns)) for columns in stream.tables.values())
        assert stream is stream_named(source, stream.name)


def test_an_unknown_name_says_which_exist():
    with pytest.raises(KeyError, match=f"allowed: {', '.join(NAMES)}"):
        source_named("tabao")
    with pytest.raises(KeyError, match="allowed: trades, funds"):
        stream_named(source_named("alipay"), "trade")


def test_the_registry_imports_no_connector_until_it_is_asked_for():
    code = "import sys, connectors.core.registry; print([m for m in sys.modules if m.startswith('connectors.')])"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"connectors.alipay", "connectors.files"} & set(json.loads(done.stdout.replace("'", '"')))


def test_credentials_show_in_no_repr(connection):
    assert "hush" not in repr(connection)
    assert "hush" not in repr(replace(connection, options={"token": "hush"}))


def test_an_error_says_where_it_happened_once():
    window = Window(datetime(2026, 10, 8, tzinfo=SHANGHAI), datetime(2026, 10, 9, tzinfo=SHANGHAI))
    error = RateLimited("slow down", Evidence(status=429, code="7", request_id="r"), retry_after=3)
    placed = error.at(source="taobao", stream="trades", window=window).at(source="x", stream="y", window=None)
    assert (
        "slow down [taobao.trades, 2026-10-08T00:00:00+08:00 to 2026-10-09T00:00:00+08:00, HTTP 429, code 7, request r]"
        == str(placed)
    )
    assert isinstance(placed, TransientError)
    assert str(placed.message) == "slow down"


def test_requests_keep_their_pace():
    clock, naps = [datetime(2026, 10, 8, tzinfo=UTC)], []

    def sleep(seconds):
        naps.append(seconds)
        clock[0] += timedelta(seconds=seconds)

    tools = Tools(session=requests.Session(), now=lambda: clock[0], sleep=sleep, random=random.Random(1))  # noqa: S311 - jitter
    pace = Pace(per_second=4)
    for _ in range(5):
        pace.keep(tools)
    assert [0.25] * 4 == naps


def test_loopback_has_no_pace_and_settings_override_it(connection):
    jitter = random.Random(1)  # noqa: S311 - jitter
    tools = Tools(session=requests.Session(), now=lambda: datetime.now(UTC), sleep=lambda _: None, random=jitter)
    local = replace(connection, base_url="http://127.0.0.1:8700/taobao")
    asked = replace(connection, options={"requests_per_second": 3})
    assert [5.0, 0.0, 3.0] == [transport_for(c, tools, 5.0).pace.per_second for c in (connection, local, asked)]


def test_not_ready_is_not_waited_for(connection):
    naps = []
    tools = Tools(session=requests.Session(), now=lambda: datetime.now(UTC), sleep=naps.append, random=random.Random(1))  # noqa: S311 - jitter

    def attempt():
        raise NotReadyYet("later")

    with pytest.raises(NotReadyYet):
        transport_for(connection, tools, 0).retrying(attempt)
    assert [] == naps


def test_days_are_local_calendar_days():
    window = Window(datetime(2026, 10, 7, 16, 0, tzinfo=UTC), datetime(2026, 10, 9, 16, 0, tzinfo=UTC))
    assert [date(2026, 10, 8), date(2026, 10, 9)] == list(days_of(window, SHANGHAI))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a_20261008.csv", date(2026, 10, 8)),
        ("2026-10-08.zip", date(2026, 10, 8)),
        ("20261008123.csv", None),
        ("20260230.csv", None),
        ("x.csv", None),
    ],
)
def test_the_day_in_a_file_s_name(name, expected):
    assert expected == day_in_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csv", "csv"), ("a.CSV.GZ", "csv.gz"), ("a.b.xml", "xml"), ("a.csv.zip", "csv.zip"), ("a", "bin")],
)
def test_the_suffix_of_a_file(tmp_path, name, expected):
    assert expected == suffix_of(tmp_path / name)


def test_inspect_speaks_the_contract_s_json(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_no,status,ordered_at,goods_amount,buyer_paid\nA1,paid,2026-10-08,1.00,1.00\nA2,x,2026-10-08,1,1\n"
    )
    found = json.loads(json.dumps(inspect_file(path)))
    assert KEYS == set(found)
    assert ("files", "ok", None) == (found["source"], found["verdict"], found["reason"])
    assert ("A1", 0) == (found["streams"]["orders"][0]["order_no"], found["streams"]["orders"][0]["statement"])
    assert 1 == found["statements"][0]["row_count"]
    assert [{"row": 3, "column": "status", "reason": found["quarantine"][0]["reason"]}] == found["quarantine"]


def test_inspect_counts_what_a_spreadsheet_moves(tmp_path):
    path = tmp_path / "bank_lines.csv"
    path.write_text("line_no,booked_at,direction,amount,account\n1,2026-10-08,in,5.00,a\n2,2026-10-08,out,2.00,a\n")
    [statement] = inspect_file(path)["statements"]
    assert ("a", "CNY", 2, "5.00", "2.00") == tuple(
        statement[key] for key in ("account", "currency", "row_count", "in_sum", "out_sum")
    )


def test_inspect_says_which_formats_exist(tmp_path):
    path = tmp_path / "photo.bin"
    path.write_bytes(bytes(range(256)))
    found = inspect_file(path)
    assert (None, "refused", KEYS) == (found["source"], found["verdict"], set(found))
    assert f"allowed are files of: {', '.join(NAMES)}" in found["reason"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 50, b"PK\x03\x04", b"\x1f\x8b", b"<a>", b"{", b'"', "号".encode("utf-16")]
)
def test_inspect_answers_to_any_bytes_with_a_verdict(tmp_path, name, body):
    path = tmp_path / "any.csv"
    path.write_bytes(body)
    found = inspect_file(path, name)
    assert ("refused", name) == (found["verdict"], found["source"])
    assert found["reason"]
    assert KEYS == set(inspect_file(path))
