"""Makes the world's days in order, once each, in an in-memory DuckDB, and answers questions about them."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import md5
from importlib import resources
from string import Template
from typing import Any

import duckdb

from connectors.sandbox.world import plan
from connectors.sandbox.world.config import ALIPAY, BANK, BATCH_FEN, WALLET, WECHAT, WorldConfig
from connectors.sandbox.world.shelf import Shelf

HORIZON_DAYS = 16
_ONE_DAY = timedelta(days=1)
_OPENING = {ALIPAY: 8_812_345, WALLET: 6_623_457, WECHAT: 9_134_569}
_RESERVE = 2_000_000
_BANK_OPENING = 100_000_000
_WINDOWS_KEPT = 8
_TRADES_KEPT = 5_000
_BILLS_KEPT = 4
_ACCOUNTS = (ALIPAY, WALLET, WECHAT)
_PAYOUT_PREFIX = {ALIPAY: "ZFBTX", WALLET: "PDDTX", WECHAT: "WXTX"}
_PAYER = {
    ALIPAY: ("支付宝（中国）网络技术有限公司客户备付金", "余额提现"),
    WALLET: ("上海寻梦信息技术有限公司", "货款提现"),
    WECHAT: ("财付通支付科技有限公司客户备付金", "商户提现"),
}


def _sql(name: str) -> Template:
    return Template(resources.files("connectors.sandbox.world").joinpath(name).read_text(encoding="utf-8"))


def _days(days: Sequence[date]) -> str:
    return "[" + ", ".join(f"date '{day}'" for day in days) + "]::date[]"


class World:
    """All facts up to the newest day asked for; what may be seen of them is for the caller to decide by time."""

    def __init__(self, config: WorldConfig, threads: int = 2) -> None:
        self.config = config
        self.keys: Shelf[list[tuple[Any, ...]]] = Shelf(_WINDOWS_KEPT)
        self.trades: Shelf[dict[str, Any]] = Shelf(_TRADES_KEPT)
        self.bills: Shelf[bytes] = Shelf(_BILLS_KEPT)
        self._lock = threading.RLock()
        self._connection = duckdb.connect(":memory:", config={"threads": threads})
        self._connection.execute(_sql("schema.sql").template)
        self._next_order_day = config.first_day
        self._next_flow_day = config.first_day
        self._closing = dict(_OPENING)
        self._bank_closing = _BANK_OPENING

    def close(self) -> None:
        """Let go of everything made so far."""
        self._connection.close()

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Answer one query on a cursor of its own, so that requests do not wait for each other."""
        with self._connection.cursor() as cursor:
            return cursor.execute(sql, parameters).fetchall()

    def records(self, sql: str, parameters: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Like ``rows``, each row by column name."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def run(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Run one statement that returns nothing worth reading, such as a COPY."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    def script(self, sql: str) -> None:
        """Run several statements that share temporary tables."""
        with self._lock:
            self._connection.execute(sql)

    def ensure_orders(self, day: date) -> None:
        """Make the orders up to and including a day."""
        with self._lock:
            while self._next_order_day <= day:
                if self.config.last_day is None or self._next_order_day <= self.config.last_day:
                    self._make_orders(self._next_order_day)
                self._next_order_day += _ONE_DAY

    def ensure_flows(self, day: date) -> None:
        """Make the wallets, batches, payouts and bank lines up to and including a day."""
        with self._lock:
            self.ensure_orders(day)
            while self._next_flow_day <= day:
                self._make_flows(self._next_flow_day)
                self._next_flow_day += _ONE_DAY

    def draw(self, day: date, label: str, size: int) -> int:
        """A number below ``size`` that depends on seed, day and label alone."""
        text = f"{self.config.seed}|{day}|{label}"
        return int(md5(text.encode(), usedforsecurity=False).hexdigest(), 16) % size

    def orders_on(self, day: date) -> int:
        """How many orders a day has: about the configured number, ten per cent up or down."""
        return max(1, self.config.orders_per_day * (90 + self.draw(day, "volume", 21)) // 100)

    def _make_orders(self, day: date) -> None:
        planned = ", ".join(
            f"('{p.store}', {p.place}, '{p.fault}', {'null' if p.channel is None else repr(p.channel)})"
            for p in plan.plantings(self.config, day)
        )
        names = "(store, place, fault, channel)"
        values = {
            "day": day.isoformat(),
            "prefix": f"{self.config.seed}|{day}",
            "count": self.orders_on(day),
            "dark_wechat": _days(plan.dark_days(self.config, "wechat", day, HORIZON_DAYS)),
            "dark_alipay": _days(plan.dark_days(self.config, "alipay", day, HORIZON_DAYS)),
            "plan": f"from (values {planned}) as planned {names}"
            if planned
            else f"from (values ('', 0, '', null::varchar)) as planned {names}",
        }
        for name in ("orders.sql", "timeline.sql"):
            self._connection.execute(_sql(name).substitute(values))

    def _make_flows(self, day: date) -> None:
        self._start_payouts(day)
        unknown = "unknown_type" in self.config.planted and plan.offset(self.config, day) == 0
        self._connection.execute(
            _sql("flows.sql").substitute(
                day=day.isoformat(),
                batch=(day - _ONE_DAY).isoformat(),
                first=(day - timedelta(days=HORIZON_DAYS)).isoformat(),
                prefix=f"{self.config.seed}|{day}",
                openings=", ".join(f"('{account}', {amount})" for account, amount in self._closing.items()),
                is_unknown_planted="true" if unknown else "false",
                batch_extra=BATCH_FEN if plan.is_batch_wrong(self.config, day) else 0,
            )
        )
        closing = self.rows("select account, closing from balances where day = ?", [day])
        self._closing = {str(account): int(amount) for account, amount in closing}
        self._book_bank(day)

    def _start_payouts(self, day: date) -> None:
        for account in _ACCOUNTS:
            amount = self._closing[account] - _RESERVE
            if amount <= 1 or not plan.pays_out(account, (day - self.config.first_day).days):
                continue
            fault = plan.payout_fault(self.config, account, day)
            amounts = [amount]
            if fault == "equal_payouts":
                amounts = [amount // 2, amount // 2]
            elif fault == "two_payouts_one_deposit":
                amounts = [amount * 37 // 100, amount - amount * 37 // 100]
            for number, part in enumerate(amounts, 1):
                started = datetime(day.year, day.month, day.day, 9, tzinfo=None) + timedelta(hours=number - 1)  # noqa: DTZ001 - local time throughout the world
                self._connection.execute(
                    "insert into payouts values (?, ?, ?, ?, ?, ?, ?)",
                    [
                        account,
                        day,
                        f"{_PAYOUT_PREFIX[account]}{day:%Y%m%d}{number:02d}",
                        started,
                        part,
                        plan.next_bank_day(day),
                        fault,
                    ],
                )

    def _book_bank(self, day: date) -> None:
        arriving = self.records(
            "select * from payouts where arrives_on = ? and fault is distinct from 'payout_overdue'"
            " order by initiated_at, account",
            [day],
        )
        lines: list[tuple[int, str, str, str | None]] = []
        for payout in arriving:
            name, remark = _PAYER[payout["account"]]
            if payout["account"] == WECHAT:
                remark = f"{remark} {payout['payout_no']}"
            if payout["fault"] == "two_payouts_one_deposit":
                if payout["payout_no"].endswith("01"):
                    total = sum(p["amount"] for p in arriving if p["payout_no"][:-2] == payout["payout_no"][:-2])
                    lines.append((total, name, remark, payout["fault"]))
                continue
            lines.append((payout["amount"], name, remark, payout["fault"]))
        lines += self._strange_lines(day)
        opening = self._bank_closing
        for number, (amount, name, remark, fault) in enumerate(lines, 1):
            self._connection.execute(
                "insert into bank_lines values (?, ?, ?, ?, ?, ?, ?)",
                [day, number, f"ICBC{day:%Y%m%d}{number:06d}", amount, name, remark, fault],
            )
        received = [amount for amount, *_ in lines if amount > 0]
        spent = [-amount for amount, *_ in lines if amount < 0]
        self._bank_closing = opening + sum(received) - sum(spent)
        self._connection.execute(
            "insert into balances values (?, ?, ?, ?, ?, ?, ?, ?)",
            [BANK, day, opening, sum(received), sum(spent), len(received), len(spent), self._bank_closing],
        )

    def _strange_lines(self, day: date) -> list[tuple[int, str, str, str | None]]:
        lines: list[tuple[int, str, str, str | None]] = []
        for start in plan.cycle_starts(self.config, day):
            if plan.next_bank_day(start - _ONE_DAY) != day:
                continue
            if "unknown_bank_credit" in self.config.planted:
                amount = 123_400 + self.draw(start, "credit", 99_999)
                lines.append((amount, "张三商贸有限公司", "货款", "unknown_bank_credit"))
            if "unknown_bank_debit" in self.config.planted:
                amount = 23_400 + self.draw(start, "debit", 99_999)
                lines.append((-amount, "未知收款人", "扣款", "unknown_bank_debit"))
        return lines
