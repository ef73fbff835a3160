"""Whatever a bank may put into a BAI2 file comes back whole; whatever happens to the file, nothing is lost silently."""

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank_bai2 import SOURCE
from connectors.core.protocol import Connection
from tests.support import fuzz

[LINES] = SOURCE.streams
BANK = Connection(
    name="bank", source="bank_bai2", base_url=None, credentials={}, path=None, timezone=None, currency="USD", account=None,
    store=None,
)  # fmt: skip
CENTS = st.integers(min_value=1, max_value=10**12)
WORDS = st.text(alphabet="abcXYZ019 ,.-#", min_size=1, max_size=30).map(lambda text: f"t{text}t")
MOVES = st.lists(st.tuples(CENTS, st.booleans(), WORDS), max_size=20)


def rendered(moves, opening):
    closing = opening + sum(cents if is_in else -cents for cents, is_in, _ in moves)
    rows = [
        f"16,{'142' if is_in else '475'},{cents},,B{n},C{n},{word}/" for n, (cents, is_in, word) in enumerate(moves)
    ]
    total = opening + closing + sum(cents for cents, _, _ in moves)
    count = len(rows) + 2
    return "\r\n".join(
        [
            "01,BANK,US,261009,0700,1,,,2/", "02,US,BANK,1,261008,2400,USD,2/",
            f"03,123,USD,010,{opening},,,015,{closing},,/", *rows, f"49,{total},{count}/", f"98,{total},1,{count + 2}/",
            f"99,{total},1,{count + 4}/",
        ]
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(moves=MOVES, opening=CENTS)
def test_what_was_written_is_read_back(moves, opening):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.bai2"
        path.write_bytes(rendered(moves, opening).encode())
        unpacked = LINES.unpack(path, "bai2", Path(folder), BANK, path.name)
        assert unpacked.refused is None, unpacked.refused
        found = LINES.canonical(unpacked, BANK).streams["bank_lines"]
        assert [
            (Decimal(cents).scaleb(-2), "in" if is_in else "out", " ".join(word.split()))
            for cents, is_in, word in moves
        ] == [(Decimal(r["amount"]), r["direction"], r["remark"]) for r in found]


def test_damaged_files_are_refused_or_read_to_their_end(tmp_path):
    seeds = [rendered([(1234, True, "payout"), (99, False, "fee, of/all")], 500).encode(), rendered([], 1).encode()]
    assert fuzz(LINES, seeds, BANK, tmp_path, suffix="bai2") > 0
