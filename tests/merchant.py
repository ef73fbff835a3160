"""A merchant in spreadsheets: records go in one by one, wallets and banks keep their running balance, files come out."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

HEAD = """
language = "en"
timezone = "Asia/Shanghai"
base_currency = "CNY"
data_dir = "data"
start_date = 2026-04-01

[[entity]]
code = "HQ"
name = "A merchant in spreadsheets"
"""
SETTINGS = f"""rules_dir = "rules"{HEAD}
[[connection]]
name = "export"
source = "files"
path = "inbox"
"""
STORE = """
[[store]]
code = "{code}"
entity = "HQ"
platform = "{platform}"
money = "{money}"
{account}
"""
ACCOUNT = """
[[account]]
code = "{code}"
entity = "HQ"
platform = "{platform}"
kind = "{kind}"
currency = "CNY"
calendar = "THREE"
{pays_out_to}
"""
RULES = {
    "fee_rules": (
        "rule_id,platform,store,account,fee_type,category,base,rate,fixed,minimum,maximum,refundable,after_refunds,date_basis,valid_from,valid_to,evidence",
        "wechat,wechatpay,,,payment_fee,,buyer_paid,0.006,,,,true,false,paid,2020-01-01,,contract",
        "taobao_tech,taobao,,,tech_fee,,consideration,0.006,,,,false,true,ordered,2024-09-01,,contract",
        "taobao_category,taobao,,,commission,,consideration,0.03,,,,true,true,ordered,2020-01-01,,contract",
        "douyin_tech,douyin,,,tech_fee,,consideration,0.04,,,,false,true,ordered,2020-01-01,,contract",
        "douyin_creator,douyin,,,creator_fee,,buyer_paid,0.15,,,,false,true,ordered,2020-01-01,,contract",
        "jd_commission,jd,,,commission,,consideration,0.07,,,,true,true,ordered,2020-01-01,,contract",
    ),
    "bank_calendar": (
        "rule_id,calendar,day,is_open,valid_from,valid_to,evidence",
        *(f"d{day},THREE,2026-05-0{day},false,,,holiday" for day in (1, 2, 3)),
    ),
}


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Merchant:
    """What lies in the merchant's folder. Amounts are written as text and read back as Decimal only for balances."""

    folder: Path
    settings: str = SETTINGS
    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    balances: dict[str, Decimal] = field(default_factory=dict)

    def store(self, code: str, platform: str, account: str) -> None:
        """A shop; own_site collects through the account, any other platform settles into it."""
        is_channel = platform == "own_site"
        line = f'payments = ["{account}"]' if is_channel else f'settles_into = "{account}"'
        money = "channel" if is_channel else "platform"
        self.settings += STORE.format(code=code, platform=platform, money=money, account=line)

    def account(self, code: str, platform: str, kind: str, opening: str = "0.00") -> None:
        """Any account but the bank pays out to the bank."""
        line = "" if kind == "bank" else 'pays_out_to = "bank"'
        self.settings += ACCOUNT.format(code=code, platform=platform, kind=kind, pays_out_to=line)
        self.balances[code] = Decimal(opening)

    def order(self, store: str, order_no: str, paid_at: str, goods: str, **columns: str) -> None:
        """An order that the buyer paid; goods are the buyer's payment where nothing else is said."""
        columns = {"status": "paid", "buyer_paid": goods, **columns}
        self.add(
            "orders", store=store, order_no=order_no, ordered_at=paid_at, paid_at=paid_at, goods_amount=goods, **columns
        )

    def pay(self, account: str, order_no: str, transaction_no: str, moment: str, amount: str, **columns: str) -> None:
        """A channel payment with its fee of 0.6 %, in the bill and in the wallet."""
        fee = half_up(Decimal(amount) * Decimal("0.006"))
        self.add(
            "payments", account=account, transaction_no=transaction_no, type="payment", status="succeeded",
            amount=amount, fee=str(fee), fee_rate="0.006", order_no=order_no, occurred_at=moment, **columns,
        )  # fmt: skip
        self.flow(account, moment, "in", amount, "payment", business_ref=transaction_no)
        self.flow(account, moment, "out", str(fee), "payment_fee", business_ref=transaction_no)

    def refund(
        self, account: str, original: str, transaction_no: str, moment: str, *, amount: str, fee: str, number: str = ""
    ) -> None:
        """A channel refund with the fee that comes back, in the bill and in the wallet."""
        self.add(
            "payments", account=account, transaction_no=transaction_no, type="refund", status="succeeded", amount=amount,
            fee=f"-{fee}", original_transaction_no=original, merchant_refund_no=number, occurred_at=moment,
        )  # fmt: skip
        self.flow(account, moment, "out", amount, "refund", business_ref=transaction_no)
        self.flow(account, moment, "in", fee, "payment_fee", business_ref=transaction_no)

    def ticket(self, store: str, order_no: str, refund_no: str, moment: str, amount: str, **columns: str) -> None:
        """A refund ticket of the platform that has succeeded."""
        columns = {"type": "refund_only", "status": "succeeded", **columns}
        self.add(
            "refunds",
            store=store,
            order_no=order_no,
            refund_no=refund_no,
            amount=amount,
            applied_at=moment,
            succeeded_at=moment,
            **columns,
        )

    def flow(self, account: str, moment: str, direction: str, amount: str, category: str, **columns: str) -> None:
        """A movement of a wallet; movements of one wallet are given in their order in time."""
        self.balances[account] += Decimal(amount) if direction == "in" else -Decimal(amount)
        self.add(
            "fund_flows", account=account, flow_no=f"F{len(self.rows['fund_flows'])}{moment[5:10]}", occurred_at=moment,
            direction=direction, amount=amount, balance=str(self.balances[account]), business_type=category,
            category=category, **columns,
        )  # fmt: skip

    def bank(self, day: str, direction: str, amount: str, **columns: str) -> None:
        """A line of the bank's statement."""
        self.balances["bank"] += Decimal(amount) if direction == "in" else -Decimal(amount)
        line_no = f"B{len(self.rows['bank_lines'])}"
        balance = str(self.balances["bank"])
        self.add(
            "bank_lines",
            account="bank",
            line_no=line_no,
            booked_at=day,
            direction=direction,
            amount=amount,
            balance=balance,
            **columns,
        )

    def settle(
        self, store: str, account: str, settlement_no: str, moment: str, lines: list[tuple[str, str, str]]
    ) -> None:
        """A batch of (order, component, amount), and the wallet flow that pays it or takes it."""
        total = sum(Decimal(amount) for _, _, amount in lines)
        for number, (order_no, component, amount) in enumerate(lines, 1):
            self.add(
                "settlement_lines", store=store, settlement_no=settlement_no, line_no=str(number), order_no=order_no,
                component=component, amount=amount, settled_at=moment,
            )  # fmt: skip
        self.add("settlements", store=store, settlement_no=settlement_no, total_amount=str(total), settled_at=moment)
        direction = "in" if total > 0 else "out"
        self.flow(account, moment, direction, str(abs(total)), "settlement", business_ref=settlement_no)

    def payout(self, account: str, moment: str, amount: str, number: str) -> None:
        """Money that leaves a wallet for the bank."""
        self.flow(account, moment, "out", amount, "payout", payout_no=number)

    def add(self, stream: str, **columns: str) -> None:
        self.rows[stream].append(columns)

    def deliver(self, label: str) -> None:
        """Everything added since the last delivery goes into the inbox as one file per stream."""
        inbox, rules = self.folder / "inbox", self.folder / "rules"
        inbox.mkdir(parents=True, exist_ok=True)
        rules.mkdir(exist_ok=True)
        (self.folder / "tieout.toml").write_text(self.settings, encoding="utf-8")
        for table, lines in RULES.items():
            (rules / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for stream, rows in self.rows.items():
            with (inbox / f"{stream}_{label}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
                writer.writeheader()
                writer.writerows(rows)
        self.rows.clear()


def written(folder: Path, settings: str, files: Mapping[str, str]) -> Path:
    """A merchant's folder with its settings and its files as they are, by name without ``.csv``."""
    (folder / "tieout.toml").write_text(settings, encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
