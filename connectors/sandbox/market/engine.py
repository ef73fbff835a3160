"""Makes the market's days in order, once each, beside the world's and in the same in-memory DuckDB."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from importlib import resources
from string import Template
from typing import Any

from connectors.sandbox.market import plan
from connectors.sandbox.market.cast import ACCOUNT, ACCOUNTS, BANKS, PREMIUM_TOO_HIGH_FEN, SHOPS, SHORT_FEN, Account
from connectors.sandbox.world import World
from connectors.sandbox.world.plan import cycle_starts, is_bank_open, next_bank_day, offset

HORIZON_DAYS = 16
_ONE_DAY = timedelta(days=1)
_OPENING = 2_000_000
_RESERVE = 1_000_000
_BANK_OPENING = 50_000_000
_FEWEST_ORDERS = 40
_SHARE = 40
"""A shop of the market sells a fortieth of what the world's three shops sell together."""


def _sql(name: str) -> Template:
    return Template(resources.files("connectors.sandbox.market").joinpath(name).read_text(encoding="utf-8"))


class Market:
    """All facts up to the newest day asked for; what may be seen of them is for the caller to decide by time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.RLock()
        self._next_day: date | None = None
        # no two the same: payouts of equal amounts into one bank could not be told apart
        self._closing = {
            account.code: _OPENING + number * 12_345 for number, account in enumerate(ACCOUNTS) if account.has_flows
        }
        self._bank_closing = dict.fromkeys(BANKS, _BANK_OPENING)

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Answer one query, as tuples."""
        return self.world.rows(sql, parameters)

    def records(self, sql: str, parameters: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Answer one query, each row by column name."""
        return self.world.records(sql, parameters)

    def ensure(self, day: date) -> None:
        """Make everything up to and including a day."""
        with self._lock:
            if self._next_day is None:
                self._open()
                self._next_day = self.world.config.first_day
            while self._next_day <= day:
                self._make(self._next_day)
                self._next_day += _ONE_DAY

    def _open(self) -> None:
        for statement in _sql("schema.sql").template.split(";\n\n"):
            self.world.run(statement)
        shops = ", ".join(
            f"('{s.code}', '{s.currency}', {list(s.accounts)}, '{s.carrier}', '{s.payment_method}', '{s.settles}',"
            f" {s.has_subsidy}, {s.has_tax}, {s.lag_days}, {s.fee_rate}, {s.commission_rate})"
            for s in SHOPS
        )
        self.world.run(
            f"create table market.shops as select * from (values {shops}) as shops (shop, currency, accounts, carrier,"
            " payment_method, settles, has_subsidy, has_tax, lag_days, fee_rate, commission_rate)"
        )
        accounts = ", ".join(
            f"('{a.code}', {number}, '{a.prefix}', {a.fee_rate}, {a.fee_fixed}, {a.returns_fee}, {a.has_flows})"
            for number, a in enumerate(ACCOUNTS, 1)
        )
        self.world.run(
            f"create table market.accounts as select * from (values {accounts}) as accounts"
            " (account, account_no, prefix, fee_rate, fee_fixed, returns_fee, has_flows)"
        )

    def _make(self, day: date) -> None:
        config = self.world.config
        if config.last_day is None or day <= config.last_day:
            self._run("orders.sql", self._of_orders(day))
        self._start_payouts(day)
        self._run("moves.sql", self._of_moves(day))
        closing = self.rows("select account, closing from market.balances where day = ?", [day])
        self._closing |= {str(account): int(amount) for account, amount in closing if account in self._closing}
        self._book_banks(day)

    def _run(self, name: str, values: dict[str, str]) -> None:
        self.world.script(_sql(name).substitute(values))

    def _of_orders(self, day: date) -> dict[str, str]:
        config = self.world.config
        count = max(_FEWEST_ORDERS, self.world.orders_on(day) // _SHARE)
        planned = ", ".join(f"('{shop}', {place}, '{fault}')" for shop, place, fault in plan.plantings(config, day))
        numbers = "\nunion all\n".join(
            f"select '{shop.code}' as shop, n, {shop.number} as order_no"
            f" from (select date '{day}' as day, range as n from range(1, {count} + 1))"
            for shop in SHOPS
        )
        return {
            "day": day.isoformat(),
            "prefix": f"{config.seed}|{day}",
            "count": str(count),
            "numbers": numbers,
            "plan": f"values {planned}" if planned else "select '', 0, '' where false",
        }

    def _of_moves(self, day: date) -> dict[str, str]:
        config = self.world.config
        number = (day - config.first_day).days
        last_open = day - _ONE_DAY
        while not is_bank_open(last_open):
            last_open -= _ONE_DAY
        is_planted = "unknown_type" in config.planted and offset(config, day) == 0
        movements = [
            f"('{m.fault}', {m.sign}, '{m.account}', '{m.time}', '{m.kind}', {m.is_of_stranger})"
            for m in plan.movements(config, day)
        ]
        return {
            "day": day.isoformat(),
            "first": (day - timedelta(days=HORIZON_DAYS)).isoformat(),
            "prefix": f"{config.seed}|{day}",
            "openings": ", ".join(f"('{account}', {amount})" for account, amount in self._closing.items()),
            "period_start": (day - timedelta(days=number % plan.PERIOD)).isoformat(),
            "is_period_end": str(number % plan.PERIOD == plan.PERIOD - 1),
            "is_open": str(is_bank_open(day)),
            "last_open": last_open.isoformat(),
            "is_unknown_planted": str(is_planted),
            "premium": str(PREMIUM_TOO_HIGH_FEN),
            "movements": f"values {', '.join(movements)}"
            if movements
            else "select '', 0, '', '', '', false where false",
        }

    def _start_payouts(self, day: date) -> None:
        for account in ACCOUNTS:
            amount = self._payable(account, day)
            if amount <= 0:
                continue
            number = f"{account.prefix}{day:%Y%m%d}"
            trace = f"{account.prefix.upper().replace('_', '')}TRACE{day:%Y%m%d}" if account.shows_trace else None
            fault = plan.payout_fault(self.world.config, account.code, day)
            started = datetime.combine(day, time(9))
            self.world.run(
                "insert into market.payouts values (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
                [account.code, day, number, trace, started, amount, account.bank, next_bank_day(day), fault],
            )

    def _payable(self, account: Account, day: date) -> int:
        """What the account pays out on a day; nothing where it does not pay on it."""
        before = day - _ONE_DAY
        if account.pays_every == 0:
            found = self.rows(
                "select coalesce(sum(total), 0) from market.settlements where account = ? and period_end = ?",
                [account.code, before],
            )
            return int(found[0][0])
        if not account.has_flows:
            found = self.rows(
                "select coalesce(sum(case when type = 'payment' then amount - fee else -amount - fee end), 0)"
                " from market.payments where account = ? and happened_at::date = ?"
                " and fault is distinct from 'refund_returned'",
                [account.code, before],
            )
            return int(found[0][0])
        if (day - self.world.config.first_day).days % account.pays_every != account.pays_every - 1:
            return 0
        return self._closing[account.code] - _RESERVE

    def _book_banks(self, day: date) -> None:
        arriving = self.records(
            "select * from market.payouts where arrives_on = ? and coalesce(fault, '') not in"
            " ('payout_overdue', 'payout_returned') order by initiated_at, payout_no",
            [day],
        )
        for bank in BANKS:
            lines = [
                (_arriving(payout), ACCOUNT[payout["account"]].payer, _remark(payout), payout["fault"])
                for payout in arriving
                if payout["bank"] == bank
            ]
            self._book_bank(bank, day, [*lines, *self._strange_lines(bank, day)])

    def _book_bank(self, bank: str, day: date, lines: Sequence[tuple[int, str, str, str | None]]) -> None:
        opening = balance = self._bank_closing[bank]
        for number, (amount, name, remark, fault) in enumerate(lines, 1):
            balance += amount
            self.world.run(
                "insert into market.bank_lines values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    bank,
                    day,
                    number,
                    f"{bank[:3].upper()}{day:%Y%m%d}{number:06d}",
                    amount,
                    balance,
                    name,
                    remark,
                    fault,
                ],
            )
        received = [amount for amount, *_ in lines if amount > 0]
        spent = [-amount for amount, *_ in lines if amount < 0]
        self._bank_closing[bank] = balance
        self.world.run(
            "insert into market.balances values (?, ?, ?, ?, ?, ?, ?, ?)",
            [bank, day, opening, sum(received), sum(spent), len(received), len(spent), balance],
        )

    def _strange_lines(self, bank: str, day: date) -> list[tuple[int, str, str, str | None]]:
        planted = self.world.config.planted
        lines: list[tuple[int, str, str, str | None]] = []
        for start in cycle_starts(self.world.config, day):
            if next_bank_day(start - _ONE_DAY) != day:
                continue
            if "unknown_bank_credit" in planted:
                amount = 123_400 + self.world.draw(start, f"{bank} credit", 99_999)
                lines.append((amount, "WANG TRADING", "goods", "unknown_bank_credit"))
            if "unknown_bank_debit" in planted:
                amount = 23_400 + self.world.draw(start, f"{bank} debit", 99_999)
                lines.append((-amount, "NOBODY KNOWS", "debit", "unknown_bank_debit"))
        return lines


def _arriving(payout: dict[str, Any]) -> int:
    """What the bank credits for a payout."""
    return int(payout["amount"]) - (SHORT_FEN if payout["fault"] == "payout_short" else 0)


def _remark(payout: dict[str, Any]) -> str:
    """What the bank shows of a payout: its trace where the payer gives one, else no number at all."""
    return str(payout["trace_no"] or "payout")
