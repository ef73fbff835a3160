"""A desk to decide at: settings, four people, and a published snapshot that holds nothing but some exceptions."""

import os
from datetime import UTC, datetime

import duckdb

from orchestration.decisions import Asked, propose
from orchestration.decisions.people import Person
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
            " amount decimal(18, 2), level varchar default 'moves')"
        )
        connection.executemany("insert into marts.exceptions values (?, ?, ?, ?, ?, ?, ?, ?, 'moves')", seen)


def written_off(settings, exception="e1", name="lin"):
    return propose(settings, name, [exception], Asked("write_off", note="too small"), now)[0].decision_id


def people_row(name, *roles):
    return Person(name, roles, None, "")


def at_rest(path, text):
    """A file that was written long enough ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (now().timestamp() - 60, now().timestamp() - 60))
    return path
