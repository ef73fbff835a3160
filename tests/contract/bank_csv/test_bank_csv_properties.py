"""Whatever a bank may put into an export comes back whole; whatever happens to the file, nothing is lost silently."""

import csv
import io
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank_csv import SOURCE
from connectors.core.protocol import Connection
from tests.support import fuzz

[LINES] = SOURCE.streams
BANK = Connection(
    name="bank", source="bank_csv", base_url=None, credentials={}, path=None, timezone=None, currency="CNY", account=None,
    store=None,
)  # fmt: skip
CENTS = st.integers(min_value=-(10**10), max_value=10**10).filter(bool)
WORDS = st.text(alphabet="货款甲,\"'；;abc 12", max_size=20).map(lambda text: f"x{text}x")
MOVES = st.lists(st.tuples(CENTS, WORDS, WORDS), max_size=20)


def money(cents):
    return str(Decimal(cents).scaleb(-2))


def rendered(moves, opening, *, newest_first):
    rows, balance = [], opening
    for number, (cents, name, word) in enumerate(moves):
        balance += cents
        incoming, outgoing = (money(cents), "") if cents > 0 else ("", money(-cents))
        rows.append(
            [f"V{number}", "2026-10-08 09:00:00", name, "6222", incoming, outgoing, money(balance), word, "", ""]
        )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["凭证号", "交易时间", "对方单位", "对方账号", "转入金额", "转出金额", "余额", "用途", "摘要", "附言"]
    )
    writer.writerows(reversed(rows) if newest_first else rows)
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    moves=MOVES,
    opening=st.integers(0, 10**11),
    newest_first=st.booleans(),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_what_was_written_is_read_back(moves, opening, newest_first, encoding):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        path.write_bytes(rendered(moves, opening, newest_first=newest_first).encode(encoding))
        unpacked = LINES.unpack(path, "csv", Path(folder), BANK, path.name)
        assert unpacked.refused is None, unpacked.refused
        found = LINES.canonical(unpacked, BANK).streams["bank_lines"]
        read = [
            (Decimal(r["amount"]) * (1 if r["direction"] == "in" else -1), r["counterparty_name"], r["remark"])
            for r in found
        ]
        expected = [
            (Decimal(cents).scaleb(-2), " ".join(name.split()), " ".join(word.split())) for cents, name, word in moves
        ]
        assert (expected[::-1] if newest_first else expected) == read


def test_damaged_files_are_refused_or_read_to_their_end(tmp_path):
    moves = [(1234, "甲公司", "货款"), (-99, "乙", "手续费")]
    seeds = [
        rendered(moves, 500, newest_first=flag).encode(code) for flag in (True, False) for code in ("utf-8", "gb18030")
    ]
    assert fuzz(LINES, seeds, BANK, tmp_path, suffix="csv") > 0
