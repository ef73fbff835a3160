"""Whatever is written into a file comes out again, to the fen and to the letter; damage is told."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.unionpay import SOURCE
from tests.contract.unionpay.writer import ZM, ZME, zm, zme
from tests.support import fuzz

[TRADES] = SOURCE.streams
NUMBERS = st.from_regex(r"[0-9A-Z]{1,21}", fullmatch=True)
STORES = st.text("示例门店海淀abc ", max_size=7)
ROW = st.tuples(
    st.sampled_from(["S22", "S30"]), st.integers(0, 10**12 - 1), NUMBERS, NUMBERS, st.integers(-(10**9), 10**9), STORES
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=20), end=st.sampled_from([b"\n", b"\r\n"]))
def test_a_file_is_read_back_as_written(tmp_path, connect, rows, end):
    lines = [
        zm(
            code=code, at="1008093000", amount=fen, query=query, order=order,
            fee=f"{'C' if fee < 0 else 'D'}{abs(fee):012d}", store=store, original="O" if code == "S30" else "",
        )
        for code, fen, query, order, fee, store in rows
    ]  # fmt: skip
    path, merchant = tmp_path / ZM, connect("unionpay")
    path.write_bytes(b"".join(line + end for line in lines))
    unpacked = TRADES.unpack(path, "txt", tmp_path, merchant, ZM)
    assert unpacked.refused is None
    found = TRADES.canonical(unpacked, merchant).streams["payments"]
    assert [
        (query, Decimal(fen) / 100, Decimal(fee) / 100, "refund" if code == "S30" else "payment")
        for code, fen, query, _, fee, _ in rows
    ] == [(item["transaction_no"], Decimal(item["amount"]), Decimal(item["fee"]), item["type"]) for item in found]
    assert sum(row[1] for row in rows if row[0] == "S22") == Decimal(unpacked.statements[0].in_sum) * 100


def test_a_damaged_file_is_refused_or_every_line_is_accounted_for(tmp_path, connect):
    lines = [
        zm(code="S22", at="1008093000", amount=n, query=f"Q{n}", order="P", fee="D000000000001", store="门店")
        for n in range(6)
    ]

    def check(body, unpacked, canonical):
        if unpacked.refused is None:
            written = sum(1 for line in body.split(b"\n") if line.strip())
            assert written == unpacked.statements[0].row_count
            assert written == len(canonical.streams["payments"]) + len(canonical.quarantine)

    class Named:
        """The reader with the name that a file of that day has."""

        canonical = staticmethod(TRADES.canonical)

        @staticmethod
        def unpack(path, suffix, workdir, connection, name=""):
            del name
            return TRADES.unpack(path, suffix, workdir, connection, ZM)

    fuzz(Named, [b"\n".join(lines)], connect("unionpay"), tmp_path, suffix="txt", check=check)


def test_a_damaged_error_file_is_refused_or_kept(tmp_path, connect):
    for at in range(0, 330, 7):
        body = zme(code="E74", amount=5)[:at]
        path = tmp_path / ZME
        path.write_bytes(body)
        unpacked = TRADES.unpack(path, "txt", tmp_path, connect("unionpay"), ZME)
        assert unpacked.refused or int(bool(body.strip())) == unpacked.statements[0].row_count
