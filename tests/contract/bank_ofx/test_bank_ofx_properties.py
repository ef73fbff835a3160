"""Whatever a bank may put into an OFX file comes back whole; whatever happens to the file, nothing is lost silently."""

import tempfile
from decimal import Decimal
from html import escape
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank_ofx import SOURCE
from connectors.core.protocol import Connection
from tests.support import fuzz

[LINES] = SOURCE.streams
BANK = Connection(
    name="bank", source="bank_ofx", base_url=None, credentials={}, path=None, timezone=None, currency="USD", account=None,
    store=None,
)  # fmt: skip
CENTS = st.integers(min_value=-(10**12), max_value=10**12).filter(bool)
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30)
MOVES = st.lists(st.tuples(CENTS, WORDS, WORDS), max_size=20)


def rendered(moves, is_xml):
    def leaf(tag, text):
        return f"<{tag}>{escape(text)}" + (f"</{tag}>" if is_xml else "\n")

    rows = "".join(
        "<STMTTRN>" + leaf("DTPOSTED", "20261008") + leaf("TRNAMT", str(Decimal(cents).scaleb(-2)))
        + leaf("FITID", f"F{number}") + leaf("NAME", name) + leaf("MEMO", memo) + "</STMTTRN>"
        for number, (cents, name, memo) in enumerate(moves)
    )  # fmt: skip
    return (
        f"<OFX><STMTRS>{leaf('CURDEF', 'USD')}<BANKACCTFROM>{leaf('ACCTID', '1')}</BANKACCTFROM>{rows}</STMTRS></OFX>"
    )


@settings(max_examples=60, deadline=None)
@given(moves=MOVES, is_xml=st.booleans())
def test_what_was_written_is_read_back(moves, is_xml):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.ofx"
        path.write_bytes(rendered(moves, is_xml).encode())
        unpacked = LINES.unpack(path, "ofx", Path(folder), BANK, path.name)
        assert unpacked.refused is None
        found = LINES.canonical(unpacked, BANK).streams["bank_lines"]
        signed = [Decimal(r["amount"]) * (1 if r["direction"] == "in" else -1) for r in found]
        assert [(Decimal(cents).scaleb(-2), name, memo) for cents, name, memo in moves] == [
            (amount, r["counterparty_name"], r["remark"]) for amount, r in zip(signed, found, strict=True)
        ]


def test_damaged_files_are_refused_or_read_to_their_end(tmp_path):
    def every_row_is_accounted_for(body, unpacked, canonical):
        if not unpacked.refused:
            rows = len(canonical.streams["bank_lines"]) + len(canonical.quarantine)
            assert sum(statement.row_count for statement in unpacked.statements) == rows

    seeds = [rendered([(1234, "Payer", "memo"), (-99, "Bank", "fee")], is_xml=flag).encode() for flag in (True, False)]
    assert fuzz(LINES, seeds, BANK, tmp_path, suffix="ofx", check=every_row_is_accounted_for) > 0
