"""A merchant whose channels are set up, and a published snapshot that holds nothing but some exceptions."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import duckdb

from orchestration.alerts import Tools, deliver, plan
from orchestration.settings import load
from orchestration.warehouse.ledger import LedgerEntry
from tests.merchant import HEAD

CONNECTION = '[[connection]]\nname = "export"\nsource = "files"\npath = "inbox"\n'
ALERTS = """
[alerts]
default = "desk"
failures = "machine"
escalate_to = "FM"
[[alerts.channel]]
name = "desk"
kind = "wecom"
url = "env:DESK"
[[alerts.channel]]
name = "boss"
kind = "slack"
url = "env:BOSS"
[[alerts.channel]]
name = "machine"
kind = "feishu"
url = "env:MACHINE"
secret = "env:MACHINE_SIGN"
[[alerts.route]]
owner = "FM"
channel = "boss"
"""
HOOKS = {
    "DESK": "http://127.0.0.1:1/desk?key=k",
    "BOSS": "http://127.0.0.1:1/boss",
    "MACHINE": "http://127.0.0.1:1/machine",
    "MACHINE_SIGN": "sign",
}
COLUMNS = (
    "exception_id varchar, code varchar, name varchar, name_zh varchar, severity varchar, status varchar,"
    " entity varchar, platform varchar, account varchar, connection varchar, currency varchar,"
    " amount decimal(18, 2), open_amount decimal(18, 2), first_seen_on date, due_at timestamp with time zone,"
    " owner varchar, assignee varchar, suggested_action varchar, suggested_action_zh varchar,"
    " parent_exception_id varchar, order_no varchar, counterparty varchar, explanation varchar"
)
ONE = {
    "exception_id": "e1",
    "code": "E104",
    "name": "LOCAL_UNPAID",
    "name_zh": "本地未付",
    "severity": "S2",
    "status": "open",
    "entity": "HQ",
    "platform": "own_site",
    "account": "wechat_main",
    "currency": "CNY",
    "amount": "12.30",
    "open_amount": "12.30",
    "first_seen_on": "2026-10-02",
    "due_at": "2026-10-05 18:00:00+08:00",
    "owner": "RA",
    "suggested_action": "find it",
    "suggested_action_zh": "查找",
    "order_no": "SECRET-ORDER",
    "counterparty": "SECRET-BUYER",
    "explanation": "SECRET-TEXT",
}
MORNING = datetime(2026, 10, 3, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def now():
    return datetime(2026, 10, 4, tzinfo=UTC)


def made(folder, alerts=ALERTS, hooks=HOOKS, language="en", people=""):
    head = HEAD.replace('language = "en"', f'language = "{language}"')
    if people:
        (folder / "rules").mkdir(exist_ok=True)
        (folder / "rules" / "people.csv").write_text(people, encoding="utf-8")
        head = f'rules_dir = "rules"\n{head}'
    (folder / "tieout.toml").write_text(f"{head}{alerts}\n{CONNECTION}", encoding="utf-8")
    return load(folder / "tieout.toml", hooks)


def published(settings, *rows, as_of=MORNING):
    """These exceptions, each told by how it differs from ``ONE``, as of that time."""
    path = settings.data_dir / "published" / "tieout.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create schema marts; create table marts.exceptions ({COLUMNS})")
        for row in rows:
            full = {**ONE, **row}
            marks = ", ".join("?" for _ in full)
            connection.execute(
                f"insert into marts.exceptions ({', '.join(full)}) values ({marks})", list(full.values())
            )
    stamp = as_of.isoformat()
    entry = LedgerEntry(1, "r", stamp, "", stamp, stamp, "done", (), (), {}, "", "")
    ledger = settings.data_dir / "ledger" / "runs.jsonl"
    ledger.parent.mkdir(exist_ok=True)
    ledger.write_text(json.dumps(asdict(entry)) + "\n", encoding="utf-8")


class Wire:
    """Stands in for the network: takes every message, or answers what it is told to."""

    def __init__(self):
        self.posts = []
        self.answers = {}

    def post(self, url, *, json, timeout, allow_redirects, stream):
        assert (True, False) == (stream, allow_redirects)
        assert timeout
        answer = self.answers.get(url.split("?")[0].rsplit("/", 1)[-1])
        if isinstance(answer, BaseException):
            raise answer
        self.posts.append((url, json))
        return Answer(*(answer or (200, b"ok" if url.endswith("boss") else b'{"errcode": 0, "code": 0}')))

    @property
    def texts(self):
        return [
            body.get("content", body)["text"] if "content" in body else (body.get("text") or body)
            for _, body in self.posts
        ]

    def titles(self):
        found = [text["content"] if isinstance(text, dict) else text for text in self.texts]
        return [text.splitlines()[0].removeprefix("[Tieout 账平] ") for text in found]


class Answer:
    def __init__(self, status_code, body):
        self.status_code = status_code
        self._body = body

    def iter_content(self, size):
        return iter([self._body[:size]])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def round_of(settings, wire, as_of=MORNING, slept=None):
    """What a run does after publishing: plan, then deliver; the titles that arrived."""
    before = len(wire.posts)
    planned = plan(settings, settings.alerts, as_of, now())
    delivery = sent(settings, wire, slept)
    return planned, delivery, wire.titles()[before:]


def sent(settings, wire, slept=None):
    slept = [] if slept is None else slept
    return deliver(settings, settings.alerts, settings.environ, Tools(wire, now, slept.append))
