"""How each bank lays out its exports: which heading is which column. Facts only; nothing is guessed from values.

A layout is chosen by its heading. ``side`` layouts have one amount and a word for the side, ``signed`` ones a sign,
the others a column for each side. On a bank statement 借方 is money out and 贷方 money in: the bank's view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.core.text import Refused, heading

COLUMNS = (
    *("day", "clock", "incoming", "outgoing", "amount", "side", "balance", "name", "account", "party", "reference"),
    *("own_account", "currency", "value_day"),
)
IN_WORDS = frozenset({"贷", "贷Cr", "收入", "收", "C", "CR", "CRDT"})
OUT_WORDS = frozenset({"借", "借Dr", "支出", "支", "D", "DR", "DBIT"})


@dataclass(frozen=True, slots=True)
class Layout:
    """One export. ``columns``: our name → heading; ``remarks``: headings that together are the remark.

    ``day_format``: strptime letters, for exports that are none of the usual forms. ``is_card``: amounts are what is
    owed, so that a purchase is money out. ``number`` is how the heading is asked for when the user names it.
    """

    name: str
    columns: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    delimiter: str = ","
    decimal: str = "."
    day_format: str = ""
    is_card: bool = False
    total_label: str = ""
    optional: frozenset[str] = field(default_factory=frozenset)

    @property
    def headings(self) -> frozenset[str]:
        """What the heading row must hold, in the one form used for comparing."""
        needed = [text for column, text in self.columns.items() if column not in self.optional]
        return frozenset(heading(text) for text in (*needed, *self.remarks))


LAYOUTS = (
    Layout(
        "ICBC debit",
        {"day": "交易日期", "incoming": "记账金额(收入)", "outgoing": "记账金额(支出)", "currency": "记账币种",
         "balance": "余额", "name": "对方户名", "account": "对方账户"},
        ("摘要", "交易场所", "钞/汇"), total_label="人民币合计", optional=frozenset({"account"}),
    ),
    Layout(
        "ICBC credit card",
        {"day": "记账日期", "value_day": "交易日期", "incoming": "记账金额(收入)", "outgoing": "记账金额(支出)",
         "currency": "记账币种", "balance": "余额", "name": "对方户名"},
        ("摘要", "交易场所"), total_label="合计金额",
    ),
    Layout(
        "ICBC corporate",
        {"day": "交易时间", "incoming": "转入金额", "outgoing": "转出金额", "balance": "余额", "name": "对方单位",
         "account": "对方账号", "reference": "凭证号"},
        ("用途", "摘要", "附言"),
    ),
    Layout(
        "CCB corporate",
        {"own_account": "账号", "day": "交易时间", "outgoing": "借方发生额(支取)", "incoming": "贷方发生额(收入)",
         "balance": "余额", "currency": "币种", "name": "对方户名", "account": "对方账号",
         "reference": "账户明细编号-交易流水号"},
        ("摘要", "备注"),
    ),
    Layout(
        "CCB personal",
        {"day": "交易日期", "clock": "交易时间", "outgoing": "支出", "incoming": "收入", "balance": "账户余额",
         "currency": "币种", "account": "对方账号", "name": "对方户名"},
        ("摘要", "交易地点"),
    ),
    Layout(
        "CMB corporate",
        {"day": "交易日", "clock": "交易时间", "value_day": "起息日", "outgoing": "借方金额", "incoming": "贷方金额",
         "balance": "余额", "reference": "流水号", "name": "收/付方名称", "account": "收/付方帐号"},
        ("摘要", "用途", "业务摘要"),
    ),
    Layout(
        "CMB debit",
        {"day": "记账日期", "currency": "货币", "amount": "交易金额", "balance": "联机余额", "party": "对手信息"},
        ("交易摘要", "客户摘要"),
    ),
    Layout(
        "CMB credit card",
        {"day": "记账日", "value_day": "交易日", "amount": "人民币金额"},
        ("交易摘要",), is_card=True,
    ),
    Layout(
        "ABC debit",
        {"day": "交易日期", "clock": "交易时间", "amount": "交易金额", "balance": "本次余额", "party": "对手信息",
         "reference": "日志号"},
        ("交易摘要", "交易附言"),
    ),
    Layout(
        "BOC debit",
        {"day": "记账日期", "clock": "记账时间", "currency": "币别", "amount": "金额", "balance": "余额",
         "name": "对方账户名", "account": "对方卡号/账号"},
        ("交易名称", "附言"),
    ),
    Layout(
        "BOCOM debit",
        {"day": "交易日期", "clock": "交易时间", "side": "借贷", "amount": "交易金额", "balance": "余额",
         "account": "对方账号", "name": "对方户名"},
        ("交易类型", "摘要"),
    ),
    Layout(
        "CMBC corporate",
        {"day": "交易时间", "reference": "交易流水号", "outgoing": "借方发生额", "incoming": "贷方发生额",
         "balance": "账户余额", "account": "对方账号", "name": "对方账号名称"},
        ("客户附言",),
    ),
    Layout(
        "Ping An corporate",
        {"day": "交易时间", "own_account": "账号", "incoming": "收入", "outgoing": "支出", "balance": "账户余额",
         "name": "对方户名", "account": "对方账号", "reference": "核心唯一流水号", "currency": "币种"},
        ("摘要", "交易用途"),
    ),
    Layout(
        "CGB credit card",
        {"day": "入账日期", "value_day": "交易日期", "amount": "入账金额", "currency": "入账货币"},
        ("交易摘要",), is_card=True,
    ),
    Layout(
        "SPDB debit",
        {"day": "交易日期", "incoming": "存入金额", "outgoing": "取出金额", "balance": "余额", "name": "交易对手名称",
         "account": "交易对手账号"},
        ("交易类型", "附言"),
    ),
)  # fmt: skip


def layout_of(cells: list[str]) -> Layout | None:
    """The layout whose heading this row is; of several the one that needs most of it."""
    names = {heading(cell) for cell in cells}
    fitting = [layout for layout in LAYOUTS if layout.headings <= names]
    return max(fitting, key=lambda layout: (len(layout.headings), layout.name), default=None)


def layout_from(options: Mapping[str, Any]) -> Layout | None:
    """The user's own layout (option ``layout``); None where there is none."""
    given = options.get("layout")
    if given is None:
        return None
    columns = {name: str(text) for name, text in given.get("columns", {}).items()}
    unknown = sorted(set(columns) - set(COLUMNS))
    if unknown or "day" not in columns or not {"amount", "incoming"} & set(columns):
        raise Refused(
            f"the layout in the settings names {', '.join(unknown) or 'too few columns'}; it needs day and amount (or "
            f"incoming and outgoing), allowed are {', '.join(COLUMNS)}"
        )
    return Layout(
        name="settings",
        columns=columns,
        remarks=tuple(given.get("remarks", ())),
        delimiter=str(given.get("delimiter", ",")),
        decimal=str(given.get("decimal", ".")),
        day_format=str(given.get("day_format", "")),
        is_card=given.get("sign", "account") == "card",
    )
