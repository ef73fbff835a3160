"""A desk to decide at: settings, four people, and a published snapshot that holds nothing but some exceptions."""

from datetime import UTC, datetime

import duckdb

from orchestration.decisions import Asked, propose
from orchestration.settings import load
from tests.merchant import HEAD

PEOPLE = "person,roles,limit_amount,public_key\nlin,RA,,\nwang,RA,,\nzhao,supervisor,,\nmei,FM,,\n"
CONNECTION = '[[connection]]\nname = "export"\nsource = "files"\npath = "inbox"\n'
SEEN = (
    ("e1", "E103", "open", "payment", "p1", "f1", "CNY", "0.30"),
    ("e2", "E103", "open", "payment", "p2", "f2", "CNY", "7000.00"),
    ("e3", "E101", "cleared", "order", "o3", "f3", "CNY", "5.00"),
    ("e4", "E001", "open", "bill", "b4", "f4", "CNY", "0.00"),
)


def now():
    return datetime(2026, 10, 3, 2, 30, tzinfo=UTC)


def made(folder, people=PEOPLE, more=""):
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "people.csv").write_text(people, encoding="utf-8")
    (folder / "tieout.toml").write_text(f'rules_dir = "rules"{HEAD}{more}\n{CONNECTION}', encoding="utf-8")
    published(folder, SEEN)
    return load(folder / "tieout.toml", {})


def published(folder, seen):
    path = folder / "data" / "published" / "tieout.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.exceptions (exception_id varchar, code varchar, status varchar,"
            " record_type varchar, record_key varchar, record_fingerprint varchar, currency varchar,"
            " amount decimal(18, 2), open_amount decimal(18, 2), level varchar default 'moves', kind varchar default 'open', evidence varchar,"
            " left_key varchar, right_key varchar, left_amount decimal(18, 2), right_amount decimal(18, 2))"
        )
        names = "exception_id, code, status, record_type, record_key, record_fingerprint, currency, amount"
        connection.executemany(
            f"insert into marts.exceptions ({names}, open_amount) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*row, row[-1]) for row in seen],
        )
        connection.execute(
            "create table marts.match_legs (match_id varchar, level varchar, record_type varchar, record_key varchar,"
            " side varchar, amount decimal(18, 2), currency varchar, source_file_sha256 varchar, source_row bigint)"
        )
        connection.execute(
            "create table marts.payments as select 'p1' as record_key, 't1' as transaction_no, null::varchar as order_no,"
            " 'succeeded' as status, 57.00::decimal(18, 2) as amount, 0.006::decimal(18, 6) as fee_rate"
        )


def written_off(settings, exception="e1", name="lin"):
    return propose(settings, name, [exception], Asked("write_off", note="too small"), now)[0].decision_id
