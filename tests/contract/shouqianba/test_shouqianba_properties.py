"""Whatever is written into an answer or a daily file comes out again, to the fen and to the letter; damage is told."""

import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.core.canonical import json_records
from connectors.shouqianba import SOURCE
from connectors.shouqianba.daily import COLUMNS
from tests.contract.written import RELAXED, quoted, texts, yuan
from tests.support import fuzz

[PAYMENTS] = SOURCE.streams
NUMBERS = st.integers(10**15, 10**31).map(str)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001 - local time
WORDS = texts()


def daily(**cells):
    return ",".join(quoted(cells.get(name, "")) for name in COLUMNS)


ROW = st.tuples(NUMBERS, MOMENTS, st.booleans(), st.integers(1, 10**12), st.integers(0, 10**9), WORDS)


@RELAXED
@given(rows=st.lists(ROW, min_size=1, max_size=25), encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]))
def test_a_daily_file_is_read_back_as_written(tmp_path, connect, rows, encoding):
    lines = []
    for number, at, is_refund, fen, fee, remark in rows:
        minor = {"amount_minor": "0", "refund_minor": str(fen)} if is_refund else {"amount_minor": str(fen)}
        lines.append(
            daily(
                traded_at=f"{at:%Y%m%d%H%M%S}", trade_no=number, original_no=f"O{number}" if is_refund else "", state="1",
                terminal_trace=f"M{number}", remark=remark, attached=f"{remark},", fee_minor=str(fee), **minor,
            )
        )  # fmt: skip
    path, till = tmp_path / "lcsw.csv", connect("shouqianba")
    path.write_bytes("\r\n".join(lines).encode(encoding))
    assert PAYMENTS.reads(path)
    unpacked = PAYMENTS.unpack(path, "csv", tmp_path, till)
    assert unpacked.refused is None
    found = PAYMENTS.canonical(unpacked, till).streams["payments"]
    assert [
        (
            number,
            "refund" if is_refund else "payment",
            yuan(fen),
            yuan(-fee if is_refund else fee),
            f"{at.isoformat()}+08:00",
        )
        for number, at, is_refund, fen, fee, _ in rows
    ] == [tuple(p[name] for name in ("transaction_no", "type", "amount", "fee", "succeeded_at")) for p in found]
    [statement] = unpacked.statements
    assert (
        len(rows),
        yuan(sum(row[3] for row in rows if not row[2])),
        yuan(sum(row[3] for row in rows if row[2])),
    ) == (statement.row_count, statement.in_sum, statement.out_sum)


ANSWER = st.tuples(NUMBERS, st.integers(1, 10**10), st.integers(0, 10**10), st.integers(10**12, 2 * 10**12 - 1))


@RELAXED
@given(rows=st.lists(ANSWER, min_size=1, max_size=20))
def test_answers_are_read_back_and_what_went_back_adds_up(tmp_path, connect, rows):
    lines = []
    for number, total, returned, at in rows:
        back = min(returned, total)
        state = "PAID" if not back else "REFUNDED" if back == total else "PARTIAL_REFUNDED"
        data = {
            "sn": number, "client_sn": f"M{number}", "order_status": state, "total_amount": str(total),
            "net_amount": str(total - back), "ctime": str(at), "finish_time": str(at + 1000),
        }  # fmt: skip
        lines.append(json.dumps({"result_code": "200", "biz_response": {"result_code": "SUCCESS", "data": data}}))
    path, till = tmp_path / "payments.ndjson", connect("shouqianba")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    unpacked = PAYMENTS.unpack(path, "ndjson", tmp_path, till)
    found = PAYMENTS.canonical(unpacked, till).streams["payments"]
    assert [(number, yuan(total)) for number, total, *_ in rows] == [
        (p["transaction_no"], p["amount"]) for p in found if p["type"] == "payment"
    ]
    assert [(number, yuan(min(back, total))) for number, total, back, _ in rows if back] == [
        (p["original_transaction_no"], p["amount"]) for p in found if p["type"] == "refund"
    ]


def test_a_damaged_daily_file_is_refused_or_every_row_is_accounted_for(tmp_path, connect):
    lines = [
        daily(
            traded_at=f"2026100809000{n}", trade_no=f"L{n}", state="1", terminal_trace=f"T{n}", amount_minor="100",
            fee_minor="1", trade_day="20261008", remark="门店",
        )
        for n in range(6)
    ]  # fmt: skip

    def check(_, unpacked, canonical):
        if unpacked.refused is None and unpacked.statements:
            made = len(canonical.streams.get("payments", []))
            assert unpacked.statements[0].row_count == made + len(canonical.quarantine)

    seeds = ["\n".join(lines).encode(), "\r\n".join(lines).encode("gb18030")]
    fuzz(PAYMENTS, seeds, connect("shouqianba"), tmp_path, suffix="csv", check=check)


def test_damaged_answers_are_refused_or_every_record_is_accounted_for(tmp_path, connect):
    data = {
        "sn": "7",
        "client_sn": "T1",
        "order_status": "PAID",
        "total_amount": "5",
        "net_amount": "5",
        "ctime": "1791460800411",
    }
    line = json.dumps({"result_code": "200", "biz_response": {"result_code": "SUCCESS", "data": data}})

    def check(_, unpacked, canonical):
        if unpacked.refused is None and not unpacked.statements:
            kept = sum(1 for part in unpacked.parts for _ in json_records(part))
            payments = [p for p in canonical.streams.get("payments", []) if p["type"] == "payment"]
            assert kept == len(payments) + len(canonical.quarantine)

    fuzz(
        PAYMENTS, [f"{line}\n{line}\n".encode()], connect("shouqianba"), tmp_path, suffix="ndjson", check=check
    )  # fmt: skip
