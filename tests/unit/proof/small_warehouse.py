"""A warehouse small enough to make by hand, with the columns that the proof of matching reads, and a sound filling."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.proof import Finding, prove_matching
from orchestration.proof.combinations import LIMIT

FIRST = date(2026, 9, 1)
TABLES = """
    create schema marts;
    create schema ledger;
    create table marts.matches (
        match_id varchar, level varchar, pass varchar, status varchar, currency varchar, business_date date,
        left_amount decimal(18, 2), right_amount decimal(18, 2), difference decimal(18, 2)
    );
    create table marts.match_legs (
        match_id varchar, level varchar, side varchar, record_type varchar, record_key varchar, currency varchar,
        amount decimal(18, 2)
    );
    create table marts.open_items (
        level varchar, record_type varchar, record_key varchar, business_date date, search varchar
    );
    create table marts.orders (
        record_key varchar, entity varchar, currency varchar, order_no varchar, merchant_pay_no varchar,
        match_status varchar
    );
    create table marts.payments (
        record_key varchar, entity varchar, currency varchar, order_no varchar, merchant_pay_no varchar,
        match_status varchar, type varchar, status varchar
    );
    create table ledger.int_ledger__accounts (account varchar, pays_out_to varchar, calendar varchar);
    create table ledger.int_ledger__bank_calendar (calendar varchar, day date, is_open boolean);
    create table ledger.int_ledger__match_rules (
        rule_id varchar, level varchar, pass varchar, window_before int, window_after int, day_kind varchar,
        valid_from date, valid_to date
    );
    create table ledger.int_ledger__payouts (
        record_key varchar, account varchar, bank_account varchar, payout_no varchar, bank_reference varchar,
        business_date date, initiated_at timestamptz, currency varchar, amount decimal(18, 2), fee decimal(18, 2),
        bank_amount decimal(18, 2), bank_currency varchar, fx_rate decimal(18, 6), status varchar
    );
    create table ledger.int_ledger__bank_lines (
        record_key varchar, account varchar, bank_reference varchar, remark varchar, business_date date,
        booked_at timestamptz, currency varchar, amount decimal(18, 2), direction varchar
    );
    insert into ledger.int_ledger__accounts values
        ('wallet', 'bank', 'CN'), ('other', 'bank', 'CN'), ('bank', null, 'CN'), ('full', null, 'CN');
    insert into ledger.int_ledger__match_rules
    select pass, 'payout_bank', pass, 0, 15, 'calendar', null, null from (values ('P4'), ('P5'), ('P6')) as t (pass);
"""


class Shop:
    """A warehouse in memory, filled record by record."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute(TABLES)

    def findings(self, *months: str) -> list[Finding]:
        return prove_matching(self.connection, months).findings

    def links(self) -> list[str]:
        return sorted({finding.link for finding in self.findings()})

    def do(self, sql: str, *values: Any) -> None:
        self.connection.execute(sql, list(values))

    def payout(
        self, key: str, amount: str, day: int, *, wallet: str = "wallet", bank: str = "bank", hour: int = 9
    ) -> None:
        on = FIRST + timedelta(days=day)
        self.do(
            "insert into ledger.int_ledger__payouts values (?, ?, ?, ?, null, ?, ?, 'CNY', ?, 0, null, null, null, 'paid')",
            *(
                key,
                wallet,
                bank,
                f"no-{key}",
                on,
                datetime(on.year, on.month, on.day, hour, tzinfo=UTC),
                Decimal(amount),
            ),
        )

    def line(self, key: str, amount: str, day: int, *, remark: str = "", bank: str = "bank", hour: int = 10) -> None:
        on = FIRST + timedelta(days=day)
        self.do(
            "insert into ledger.int_ledger__bank_lines values (?, ?, null, ?, ?, ?, 'CNY', ?, 'in')",
            *(key, bank, remark, on, datetime(on.year, on.month, on.day, hour, tzinfo=UTC), Decimal(amount)),
        )

    def match(
        self,
        match_id: str,
        name: str,
        left: dict[str, str],
        right: dict[str, str],
        *,
        level: str = "payout_bank",
        kinds: tuple[str, str] = ("payout", "bank_line"),
        status: str = "matched",
    ) -> None:
        sums = [sum((Decimal(amount) for amount in side.values()), Decimal(0)) for side in (left, right)]
        difference = sums[1] - sums[0]
        self.do(
            "insert into marts.matches values (?, ?, ?, ?, 'CNY', ?, ?, ?, ?)",
            *(match_id, level, name, status, FIRST, *sums, difference),
        )
        for side, kind, legs in (("left", kinds[0], left), ("right", kinds[1], right)):
            for key, amount in legs.items():
                self.leg(match_id, side, kind, key, amount, level=level)
        if difference:
            self.leg(match_id, "adjustment", "difference", match_id, str(difference), level=level)

    def leg(self, match_id: str, side: str, kind: str, key: str, amount: str, *, level: str) -> None:
        values = (match_id, level, side, kind, key, Decimal(amount))
        self.do("insert into marts.match_legs values (?, ?, ?, ?, ?, 'CNY', ?)", *values)

    def open(self, kind: str, key: str, search: str | None = None, level: str = "payout_bank") -> None:
        self.do("insert into marts.open_items values (?, ?, ?, ?, ?)", level, kind, key, FIRST, search)

    def unmatch(self, match_id: str) -> None:
        """Every leg of a match becomes an open item."""
        self.do(
            "insert into marts.open_items select level, record_type, record_key, date '2026-09-01', null "
            "from marts.match_legs where match_id = ? and side <> 'adjustment'",
            match_id,
        )
        self.do("delete from marts.match_legs where match_id = ?", match_id)
        self.do("delete from marts.matches where match_id = ?", match_id)

    def order(self, key: str, status: str, number: str, pay_number: str | None = None) -> None:
        self.do("insert into marts.orders values (?, 'E', 'CNY', ?, ?, ?)", key, number, pay_number, status)

    def payment(self, key: str, status: str, number: str | None, pay_number: str | None = None) -> None:
        values = (key, number, pay_number, status)
        self.do("insert into marts.payments values (?, 'E', 'CNY', ?, ?, ?, 'payment', 'succeeded')", *values)


def orders(shop: Shop) -> None:
    money = {"level": "order_payment", "kinds": ("order", "payment")}
    for number in ("1", "2"):
        shop.order(f"o{number}", "matched", f"n{number}", f"m{number}")
        shop.payment(f"p{number}", "matched", None, f"m{number}")
    shop.match("o-p", "P1", {"o1": "10.00"}, {"p1": "10.00"}, **money)
    shop.match("o-d", "P2", {"o2": "10.00"}, {"p2": "9.00"}, status="differs", **money)
    for key, number in (("o3", "n3"), ("o4", "n4")):
        shop.order(key, "open", number)
        shop.open("order", key, level="order_payment")
    for key, number in (("p4", "n4"), ("p5", "n4"), ("p6", "n6")):
        shop.payment(key, "open", number)
        shop.open("payment", key, level="order_payment")


def payouts(shop: Shop) -> None:
    shop.payout("named", "100.00", 0)
    shop.line("says", "99.00", 20, remark="提现 no-named 到账")
    shop.match("m-named", "P2", {"named": "100.00"}, {"says": "99.00"}, status="differs")
    shop.payout("alike", "200.00", 0)
    shop.line("same", "200.00", 15)
    shop.match("m-alike", "P4", {"alike": "200.00"}, {"same": "200.00"})
    shop.payout("half", "110.00", 3)
    shop.payout("rest", "195.00", 4)
    shop.line("both", "305.00", 5)
    shop.match("m-both", "P5", {"half": "110.00", "rest": "195.00"}, {"both": "305.00"})
    for key, day in (("first", 1), ("second", 2)):
        shop.payout(key, "50.00", day)
        shop.line(f"to-{key}", "50.00", day, hour=11)
        shop.match(f"m-{key}", "P6", {key: "50.00"}, {f"to-{key}": "50.00"}, status="provisional")
    shop.line("none", "307.00", 6)
    shop.open("bank_line", "none", "none_exists")
    for number in range(1, LIMIT + 2):
        shop.payout(f"x{number}", f"{number}.00", 30, bank="full")
        shop.open("payout", f"x{number}")
    shop.line("stopped", "91.00", 31, bank="full")
    shop.open("bank_line", "stopped", "stopped_at_limit")
