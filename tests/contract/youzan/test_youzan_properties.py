"""Whatever is written into a ledger comes out again, to the cent and to the letter; damage is told."""

import re

from hypothesis import given
from hypothesis import strategies as st

from connectors.core.canonical import json_records
from connectors.youzan import SOURCE
from tests.contract.written import NUMBERS, RELAXED, moments, quoted, texts, yuan
from tests.support import fuzz

[LEDGER] = SOURCE.streams
WORDS = texts()
MOMENTS = moments()
HEADING = (
    "类型,名称,业务单号,支付流水号,关联单号,交易来源地,账务主体,账户,收入(元),支出(元),余额(元),支付方式,交易对手,渠道,"
    "下单时间,入账时间,操作人,附加信息,备注,来源"
)
ROW = st.tuples(
    NUMBERS,
    st.sampled_from(["订单入账", "退款", "提现", "月球税"]),
    MOMENTS,
    st.booleans(),
    st.integers(1, 10**12),
    st.integers(0, 10**6),
    WORDS,
)


def line(**cells):
    return ",".join(quoted(cells.get(name.split("(")[0], "")) for name in HEADING.split(","))


@RELAXED
@given(
    rows=st.lists(ROW, max_size=25, unique_by=lambda row: row[0]),
    opening=st.integers(-(10**6), 10**6),
    form=st.tuples(st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]), st.sampled_from([1, -1])),
)
def test_a_ledger_is_read_back_as_written(tmp_path, connect, rows, opening, form):
    encoding, step = form
    lines, balance, moves = [], opening, 0
    for number, kind, at, is_in, fen, fee, remark in rows:
        balance += fen if is_in else -fen
        common = {"业务单号": f"'{number}", "支付流水号": f"'9{number}", "账户": "店", "入账时间": at}
        lines.append(
            line(
                **common, 类型=kind, 备注=f"备{remark}", 余额=yuan(balance), **{"收入" if is_in else "支出": yuan(fen)}
            )
        )
        moves += 1
        if fee:
            balance -= fee
            lines.append(line(**common, 类型="交易手续费", 支出=yuan(fee), 余额=yuan(balance)))
            moves += 1
    path, shop = tmp_path / "ledger.csv", connect("youzan")
    path.write_bytes("".join(f"{text}\r\n" for text in [HEADING, *lines[::step]]).encode(encoding))
    unpacked = LEDGER.unpack(path, "csv", tmp_path, shop)
    assert unpacked.refused is None
    streams = LEDGER.canonical(unpacked, shop).streams
    flows = streams.get("fund_flows", [])
    assert moves == len(flows) == len({flow["flow_no"] for flow in flows})
    assert {
        f"{re.sub('[^0-9]', '', at)}-{kind}-9{number}-{number}": (
            kind,
            "in" if is_in else "out",
            yuan(fen),
            f"{at.replace(' ', 'T')}+08:00",
            f"备{remark}",
        )
        for number, kind, at, is_in, fen, _, remark in rows
    } == {
        flow["flow_no"]: (flow["business_type"], flow["direction"], flow["amount"], flow["occurred_at"], flow["remark"])
        for flow in flows
        if flow["business_type"] != "交易手续费"
    }
    assert {
        f"9{number}" if is_in else number: (yuan(fen), yuan(fee) if fee and is_in else None)
        for number, kind, _, is_in, fen, fee, _ in rows
        if (kind, is_in) in {("订单入账", True), ("退款", False)}
    } == {payment["transaction_no"]: (payment["amount"], payment["fee"]) for payment in streams.get("payments", [])}
    if rows and balance != opening:
        [statement] = unpacked.statements
        assert (yuan(opening), yuan(balance)) == (statement.opening_balance, statement.closing_balance)


def test_a_damaged_ledger_is_refused_or_every_row_is_accounted_for(tmp_path, connect):
    lines = [HEADING]
    for n in range(4):
        common = {"业务单号": f"E{n}", "支付流水号": f"TR{n}", "账户": "店", "入账时间": "2026-10-08 09:00:00"}
        lines.append(line(**common, 类型="订单入账", 收入="2.00", 余额=yuan(150 * n + 200)))
        lines.append(line(**common, 类型="交易手续费", 支出="0.50", 余额=yuan(150 * n + 150)))

    def check(_, unpacked, canonical):
        if unpacked.refused is None:
            kept = {part.table: sum(1 for _ in json_records(part)) for part in unpacked.parts}
            assert kept["flows"] == sum(statement.row_count for statement in unpacked.statements)
            assert sum(kept.values()) == sum(map(len, canonical.streams.values())) + len(canonical.quarantine)

    seeds = ["\n".join(lines).encode("utf-8-sig"), "\r\n".join(lines).encode("gb18030")]
    fuzz(LEDGER, seeds, connect("youzan"), tmp_path, suffix="csv", check=check)
