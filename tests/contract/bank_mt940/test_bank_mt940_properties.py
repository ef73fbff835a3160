"""Whatever a bank may put into an MT940 comes back whole; whatever happens to the file, nothing is lost silently."""

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank_mt940 import SOURCE
from tests.support import fuzz

[LINES] = SOURCE.streams
CENTS = st.integers(min_value=1, max_value=10**12)
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20).map(
    lambda text: f"x{text}"
)
MOVES = st.lists(st.tuples(CENTS, st.booleans(), st.integers(0, 400), WORDS), max_size=20)


def comma(cents):
    return f"{cents // 100},{cents % 100:02d}"


def rendered(moves, opening):
    closing = opening + sum(cents if is_in else -cents for cents, is_in, _, _ in moves)
    rows = [":20:STARTUMS", ":25:10020030/1234567", ":28C:5/1", f":60F:C261001EUR{comma(opening)}"]
    for cents, is_in, days, word in moves:
        value = date(2026, 1, 1) + timedelta(days=days)
        rows += [f":61:{value:%y%m%d%m%d}{'C' if is_in else 'D'}{comma(cents)}NTRFNONREF", f":86:{word}"]
    sign = "C" if closing >= 0 else "D"
    return "\r\n".join([*rows, f":62F:{sign}261001EUR{comma(abs(closing))}", "-"])


def read(body, connection, folder):
    path = Path(folder) / "made.sta"
    path.write_bytes(body)
    return LINES.unpack(path, "sta", Path(folder), connection, path.name)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES, opening=CENTS)
def test_what_was_written_is_read_back(moves, opening):
    with tempfile.TemporaryDirectory() as folder:
        connection = _connection()
        unpacked = read(rendered(moves, opening).encode(), connection, folder)
        assert unpacked.refused is None
        found = LINES.canonical(unpacked, connection).streams["bank_lines"]
        expected = [
            (Decimal(cents).scaleb(-2), "in" if is_in else "out", word, str(date(2026, 1, 1) + timedelta(days=days)))
            for cents, is_in, days, word in moves
        ]
        assert expected == [(Decimal(r["amount"]), r["direction"], r["remark"], r["value_date"]) for r in found]


def test_damaged_files_are_refused_or_read_to_their_end(tmp_path):
    seeds = [rendered([(1234, True, 3, "payout"), (99, False, 5, "fee")], 500).encode(), rendered([], 1).encode() * 3]
    assert fuzz(LINES, seeds, _connection(), tmp_path, suffix="sta") > 0


def _connection():
    from connectors.core.protocol import Connection  # noqa: PLC0415 - one place that knows how it is made

    return Connection(
        name="bank", source="bank_mt940", base_url=None, credentials={}, path=None, timezone=None, currency="EUR",
        account=None, store=None,
    )  # fmt: skip
