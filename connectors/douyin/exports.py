"""Douyin's exports: settlement rows, the account ledger, insured parcels. Each row becomes one JSON record of text.

An export and the interface tell the same in other words, so both land in one raw table; staging reads either.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from connectors.core.answers import RECORD
from connectors.core.bills import BalanceChain, BillForm, BillReader, amount_in, as_mapping
from connectors.core.protocol import Part, Statement, Unpacked
from connectors.core.text import DAMAGED, Refused, amount, encoding_of, heading, money, opened, text_lines

START_BYTES = 8192
IN_WORDS, OUT_WORDS = frozenset({"入账", "收入"}), frozenset({"出账", "支出"})
SETTLEMENT_COLUMNS = {
    "动账时间": "moved_at", "动账流水号": "flow_no", "动账方向": "direction", "动账金额": "moved_amount",
    "动账账户": "account_name", "动账场景": "scene", "动账摘要": "scene", "计费类型": "charge_kind",
    "子订单号": "sub_order_no", "订单号": "shop_order_no", "售后编号": "after_sale_no", "下单时间": "ordered_at",
    "商品ID": "product_no", "订单类型": "order_kind", "订单实付应结": "buyer_part", "运费实付": "freight_part",
    "实际平台补贴_运费": "freight_subsidy_part", "实际平台补贴": "platform_part", "以旧换新抵扣": "trade_in_part",
    "政府补贴平台垫资": "government_part", "实际达人补贴": "creator_part", "实际抖音支付补贴": "pay_part",
    "实际抖音月付营销补贴": "month_pay_part", "银行补贴": "bank_part", "订单退款": "refund_part",
    "平台服务费": "platform_fee_part", "佣金": "creator_fee_part", "服务商佣金": "agency_fee_part",
    "渠道分成": "channel_fee_part", "招商服务费": "recruiter_fee_part", "站外推广费": "promotion_fee_part",
    "其他分成": "other_fee_part", "是否免佣": "is_fee_waived", "免佣金额": "waived_amount", "备注": "note",
}  # fmt: skip
LEDGER_COLUMNS = {
    "动账流水号": "flow_no", "关联订单号": "shop_order_no", "关联子订单号": "sub_order_no", "动账时间": "moved_at",
    "账户方向": "direction", "动账金额": "moved_amount", "动账场景": "scene", "账户余额": "balance", "备注": "note",
}  # fmt: skip
INSURANCE_COLUMNS = {
    "保险单号": "policy_no", "动账流水号": "flow_no", "关联子订单号": "sub_order_no", "摘要描述": "scene",
    "动账时间": "moved_at", "金额": "moved_amount",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of export."""

    form: BillForm
    has_direction: bool


def _form(title: str, columns: Mapping[str, str], *required: str) -> BillForm:
    spelt = {form: column for name, column in columns.items() for form in _spellings(name)}
    return BillForm(title=title, columns=spelt, required=required)


def _spellings(name: str) -> tuple[str, ...]:
    """The exports mix 动账 and 动帐, and name the unit or leave it out."""
    plain = (name, name.replace("动账", "动帐"))
    return (*plain, *(f"{spelling}(元)" for spelling in plain))


EXPORTS = {
    "settlements": Export(
        _form(
            "Douyin settlement export", SETTLEMENT_COLUMNS,
            "moved_at", "flow_no", "direction", "moved_amount", "sub_order_no",
        ),
        has_direction=True,
    ),
    "funds": Export(
        _form(
            "Douyin account ledger", LEDGER_COLUMNS,
            "moved_at", "flow_no", "direction", "moved_amount", "balance", "scene",
        ),
        has_direction=True,
    ),
    "insurance": Export(
        _form("Douyin insurance export", INSURANCE_COLUMNS, "policy_no", "flow_no", "moved_amount"),
        has_direction=False,
    ),
}  # fmt: skip
MARKS = {
    "settlements": {"动账方向", "子订单号"},
    "funds": {"账户方向", "账户余额"},
    "insurance": {"保险单号", "摘要描述"},
}


@dataclass(slots=True)
class _Sums:
    count: int = 0
    received: Decimal = Decimal()
    spent: Decimal = Decimal()
    days: set[str] = field(default_factory=set)
    chain: BalanceChain = field(default_factory=BalanceChain)

    def add(self, moved: Decimal) -> None:
        self.count += 1
        self.received += max(moved, Decimal())
        self.spent += max(-moved, Decimal())


def export_of(path: Path) -> str | None:
    """Which export a file is, by the headings of its first lines."""
    try:
        with opened(path) as stream:
            raw = stream.read(START_BYTES)
    except (OSError, *DAMAGED):
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        text = raw.decode(encoding, errors="ignore")
        for line in text.splitlines()[:10]:
            names = {heading(cell).replace("动帐", "动账").removesuffix("(元)") for cell in line.split(",")}
            for stream_name, marks in MARKS.items():
                if names >= marks | {"动账流水号", "动账时间"}:
                    return stream_name
    return None


def unpack_export(path: Path, workdir: Path, name: str, stream: str) -> Unpacked:
    """Rows → one JSON line each; a row whose direction and sign contradict each other refuses the file."""
    export, sums = EXPORTS[stream], _Sums()
    out = workdir / f"{path.name}.{stream}.ndjson"
    reader = BillReader(form=export.form, name=name)
    try:
        encoding = encoding_of(lambda: opened(path), name)
        with text_lines(lambda: opened(path), encoding) as lines, out.open("w", encoding="utf-8") as written:
            for cells in reader.rows(lines):
                row = as_mapping(reader.columns)(cells)
                _take(sums, export, row, name, reader.heading_row + reader.row_count)
                written.write(json.dumps(row, ensure_ascii=False) + "\n")
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    ends = sums.chain.ends()
    statement = Statement(
        account=None,
        currency="CNY",
        statement_no=None,
        day=next(iter(sums.days)) if len(sums.days) == 1 else None,
        opening_balance=ends[0] if ends else None,
        closing_balance=ends[1] if ends else None,
        row_count=sums.count,
        in_sum=money(sums.received),
        out_sum=money(sums.spent),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )
    notes = ("the balances of the rows form no chain",) if stream == "funds" and sums.count and ends is None else ()
    part = Part(stream, "json", out, RECORD, first_row=reader.heading_row + 1, items="$", lines=True)
    # settlement rows become settlements and their lines: sums of the file are no statement of either
    statements = () if stream == "settlements" else (statement,)
    return Unpacked(parts=(part,), statements=statements, notes=notes)


def _take(sums: _Sums, export: Export, row: Mapping[str, str], name: str, line: int) -> None:
    moved = amount_in(row, "moved_amount", name, line, empty="")
    if export.has_direction:
        moved = _signed(row["direction"], moved, name, line)
    sums.add(moved)
    day = row.get("moved_at", "")[:10].replace("/", "-")
    sums.days.add(day)
    balance = amount(row.get("balance", ""))
    if balance is not None:
        sums.chain.add(moved, balance)


def _signed(direction: str, moved: Decimal, name: str, line: int) -> Decimal:
    """Outgoings are positive in one export and negative in the other: the direction decides."""
    if direction in OUT_WORDS:
        return -abs(moved)
    if direction not in IN_WORDS:
        raise Refused(f"{name} line {line}: the direction is {direction!r}, allowed: 入账, 出账; fetch it again")
    if moved < 0:
        raise Refused(f"{name} line {line}: {moved} came in, which no minus may have; fetch it again")
    return moved
