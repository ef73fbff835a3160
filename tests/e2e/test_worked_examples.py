"""The worked examples of the books, as one small merchant's spreadsheets, through the whole way and to the cent.

Two mornings: the first in a three-day holiday, when some things may still come; the second after it, when they are due.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.merchant import Merchant
from tests.support import asked, published, run_at

HOLIDAY = "2026-05-01T10:30:00+08:00"
AFTERWARDS = "2026-05-05T10:30:00+08:00"
TAOBAO_FEES = [("commission", "169.00", "5.07", "5.07", "0.00"), ("tech_fee", "169.00", "1.01", "1.01", "0.00")]
TAOBAO = {"merchant_discount": "30.00", "platform_subsidy": "12.00", "buyer_paid": "157.00", "status": "completed"}


def taobao(shop: Merchant) -> None:
    """Examples 1 and 2, and the share of a subsidy that a partial refund takes back."""
    for number in ("TB1", "TB2", "TB3", "TB4"):
        shop.order("tb", number, "2026-04-20T09:00:00", "199.00", confirmed_at="2026-04-25T12:00:00", **TAOBAO)
        shop.flow("alipay", "2026-04-25T12:00:01", "in", "169.00", "settlement", order_no=number)
        shop.flow("alipay", "2026-04-25T12:00:02", "out", "1.01", "tech_fee", order_no=number)
        shop.flow("alipay", "2026-04-25T12:00:03", "out", "5.07", "commission", order_no=number)
    for number in ("TB2", "TB3", "TB4"):
        stated = {"platform_subsidy_returned": "0.00"} if number == "TB2" else {}
        shop.ticket("tb", number, f"R{number}", "2026-04-27T10:00:00", "40.00", **stated)
        shop.flow("alipay", "2026-04-27T10:00:00", "out", "40.00", "refund", order_no=number)
    shop.flow("alipay", "2026-04-27T10:00:01", "in", "1.20", "commission", order_no="TB2")
    shop.flow("alipay", "2026-04-27T10:00:01", "out", "3.06", "subsidy_clawback", order_no="TB4")
    shop.flow("alipay", "2026-04-27T10:00:02", "in", "1.20", "commission", order_no="TB4")
    shop.order("tb", "TB5", "2026-04-20T09:00:00", "199.00", **{**TAOBAO, "status": "closed"})
    shop.ticket("tb", "TB5", "RTB5", "2026-04-21T10:00:00", "157.00", type="cancel")
    shop.order("tb", "TB6", "2026-04-20T09:00:00", "199.00", confirmed_at="2026-04-29T12:00:00", **TAOBAO)
    shop.payout("alipay", "2026-04-30T15:00:00", "8000.00", "W8")


def fees_that_return(shop: Merchant) -> None:
    """Example 3: paid, then refunded in two slices, the last of which takes the rest of the fee."""
    shop.order("zero", "OZ3", "2026-04-21T09:00:00", "66.60", status="closed")
    shop.pay("wx_zero", "OZ3", "ZP3", "2026-04-21T09:00:05", "66.60")
    for refund_no, day, amount, fee in (("ZR1", "22", "20.00", "0.12"), ("ZR2", "23", "46.60", "0.28")):
        moment = f"2026-04-{day}T10:00:00"
        shop.ticket("zero", "OZ3", refund_no, moment, amount, type="cancel", merchant_refund_no=refund_no)
        shop.refund("wx_zero", "ZP3", f"C{refund_no}", moment, amount=amount, fee=fee, number=refund_no)


def settled_in_batches(shop: Merchant) -> None:
    """Examples 4 and 5: a refund between confirmation and settlement, and a batch that takes money back."""
    shop.order(
        "dy", "DY4", "2026-04-10T09:00:00", "100.00", merchant_discount="10.00", platform_subsidy="6.00",
        buyer_paid="84.00", status="completed", confirmed_at="2026-04-15T12:00:00",
    )  # fmt: skip
    shop.ticket("dy", "DY4", "RDY4", "2026-04-16T10:00:00", "21.00")
    gross = [("DY4", "goods", "84.00"), ("DY4", "platform_subsidy", "6.00"), ("DY4", "refund", "-21.00")]
    taken = [("DY4", "subsidy_clawback", "-1.50"), ("DY4", "tech_fee", "-2.70"), ("DY4", "creator_fee", "-9.45")]
    shop.settle("dy", "dy_wallet", "S4", "2026-04-25T06:00:00", gross + taken)
    for kind, amount in (("creator", "9.00"), ("agency", "0.45")):
        shop.add(
            "commission_bills",
            entity="HQ",
            bill_no="C4",
            order_no="DY4",
            kind=kind,
            amount=amount,
            billed_on="2026-04-28",
        )
    shop.order("jd", "JD5", "2026-04-08T09:00:00", "60.00", status="completed", confirmed_at="2026-04-10T12:00:00")
    shop.settle(
        "jd", "jd_wallet", "S5", "2026-04-13T06:00:00", [("JD5", "goods", "60.00"), ("JD5", "commission", "-4.20")]
    )
    shop.ticket("jd", "JD5", "RJD5", "2026-04-22T10:00:00", "60.00", type="return_refund")
    shop.settle(
        "jd", "jd_wallet", "S6", "2026-04-23T06:00:00", [("JD5", "refund", "-60.00"), ("JD5", "commission", "4.20")]
    )


def payments_of_many_shapes(shop: Merchant) -> None:
    """Split, merged, too much, and more than one way to add up; refunds without a ticket or with too much."""
    paid = {
        "SPLIT": ("100.00", ("60.00", "40.00")),
        "TWICE": ("88.00", ("88.00", "88.00")),
        "SUBSET": ("100.00", ("60.00", "30.00", "40.00")),
        "KINDS": ("50.00", ("50.00", "20.00", "30.00")),
        "NOFIT": ("50.00", ("30.00", "30.00")),
        "PLAIN": ("300.00", ("300.00",)),
        "OVER": ("100.00", ("100.00",)),
    }
    for order_no, (goods, payments) in paid.items():
        shop.order("own", order_no, "2026-04-22T09:00:00", goods)
        for number, amount in enumerate(payments, 1):
            shop.pay("wx", order_no, f"{order_no}-{number}", f"2026-04-22T09:0{number}:00", amount)
    for order_no, goods in (("MERGED1", "10.00"), ("MERGED2", "5.00")):
        shop.order("own", order_no, "2026-04-22T09:00:00", goods, merchant_pay_no="M1")
    shop.pay("wx", "", "MERGED-1", "2026-04-22T09:10:00", "15.00", merchant_pay_no="M1")
    shop.pay("wx", "NOBODY", "STRAY", "2026-04-22T09:11:00", "12.00")
    shop.order("own", "UNPAID", "2026-04-28T09:00:00", "33.00")
    refunds = (
        ("PLAIN", "20.00", "0.12"),
        ("PLAIN", "20.00", "0.12"),
        ("PLAIN", "7.00", "0.04"),
        ("OVER", "70.00", "0.42"),
    )
    shop.ticket("own", "PLAIN", "RPLAIN", "2026-04-24T10:00:00", "20.00")
    shop.ticket("own", "OVER", "ROVER1", "2026-04-24T10:00:00", "70.00")
    shop.ticket("own", "OVER", "ROVER2", "2026-04-24T11:00:00", "50.00", merchant_refund_no="ROVER2")
    for number, (order_no, amount, fee) in enumerate(refunds):
        shop.refund("wx", f"{order_no}-1", f"BACK{number}", f"2026-04-24T10:0{number}:00", amount=amount, fee=fee)
    shop.refund("wx", "OVER-1", "BACK9", "2026-04-24T11:00:00", amount="50.00", fee="0.18", number="ROVER2")
    shop.ticket("own", "SPLIT", "RLATE", "2026-04-27T10:00:00", "9.00")


def money_at_the_bank(shop: Merchant) -> None:
    """One credit for two payouts, one payout in two credits, two that look alike, and two lines nobody explains."""
    shop.payout("dy_wallet", "2026-04-27T10:00:00", "310.00", "D1")
    shop.payout("dy_wallet", "2026-04-27T11:00:00", "190.00", "D2")
    shop.payout("jd_wallet", "2026-04-27T10:00:00", "150.00", "J1")
    shop.payout("jd_wallet", "2026-04-27T11:00:00", "150.00", "J2")
    shop.payout("jd_wallet", "2026-04-28T10:00:00", "91.00", "J3")
    for amount in ("500.00", "150.00", "150.00"):
        shop.bank("2026-04-28", "in", amount)
    for amount in ("61.00", "30.00", "77.00"):
        shop.bank("2026-04-29", "in", amount)
    shop.bank("2026-04-29", "out", "42.00")


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Path]:
    """The exceptions and control totals of the first morning, and the folder as it is after the second."""
    shop = Merchant(tmp_path_factory.mktemp("examples"))
    for code, platform, account in (
        *(("tb", "taobao", "alipay"), ("zero", "own_site", "wx_zero"), ("own", "own_site", "wx")),
        *(("dy", "douyin", "dy_wallet"), ("jd", "jd", "jd_wallet")),
    ):
        shop.store(code, platform, account)
    for code, platform, kind, opening in (
        *(("alipay", "alipay", "wallet", "10000.00"), ("wx_zero", "wechatpay", "channel", "0.00")),
        *(("wx", "wechatpay", "channel", "0.00"), ("dy_wallet", "douyin", "wallet", "1000.00")),
        *(("jd_wallet", "jd", "wallet", "1000.00"), ("bank", "bank", "bank", "0.00")),
    ):
        shop.account(code, platform, kind, opening)
    for part in (taobao, fees_that_return, settled_in_batches, payments_of_many_shapes, money_at_the_bank):
        part(shop)
    shop.order("own", "MIDNIGHT", "2026-04-30T23:59:50", "45.00")
    shop.deliver("1")
    assert run_at(shop.folder, HOLIDAY) == 0
    with published(shop.folder) as con:
        first = rows(con, "select * from marts.exceptions")
        first += rows(con, "select 'daily' as code, * from marts.daily_reconciliation where control = 'C02'")
    shop.pay("wx", "MIDNIGHT", "MIDNIGHT-1", "2026-05-01T00:00:02", "45.00")
    shop.deliver("2")
    assert run_at(shop.folder, AFTERWARDS) == 0
    return first, shop.folder


@pytest.fixture(scope="module")
def first(mornings: tuple[list[dict[str, Any]], Path]) -> list[dict[str, Any]]:
    return mornings[0]


@pytest.fixture(scope="module")
def folder(mornings: tuple[list[dict[str, Any]], Path]) -> Path:
    return mornings[1]


def rows(con: Any, sql: str) -> list[dict[str, Any]]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read(folder: Path, sql: str) -> list[tuple[str, ...]]:
    """Rows as the text that a reader sees; a missing value is a dash."""
    return [tuple("-" if cell is None else str(cell) for cell in row) for row in asked(folder, sql)]


def codes_of(folder: Path, order_no: str) -> list[tuple[str, ...]]:
    """Code, status and amount of everything that is said of an order."""
    return read(folder, f"select code, status, amount from marts.exceptions where order_no = '{order_no}' order by all")


def money_of(folder: Path, order_no: str) -> list[tuple[str, ...]]:
    """Consideration, paid, refunded, fees, settled, still open, and the state."""
    return read(
        folder,
        f"""
        select consideration, paid_amount, refunded_amount, fee_amount, settled_amount, open_amount, match_status
        from marts.orders where order_no = '{order_no}'
        """,
    )


def fees_of(folder: Path, order_no: str) -> list[tuple[str, ...]]:
    return read(
        folder,
        f"select fee_type, base, expected, charged, difference from marts.fee_checks where order_no = '{order_no}' order by all",
    )


def test_example_1_a_gross_credit_and_two_fees_of_their_own(folder: Path) -> None:
    assert [("169.00", "157.00", "0.00", "6.08", "162.92", "0.00", "matched")] == money_of(folder, "TB1")
    assert TAOBAO_FEES == fees_of(folder, "TB1")
    assert [] == codes_of(folder, "TB1")


def test_example_2_a_refund_after_confirmation_keeps_the_base_fee_and_returns_part_of_the_other(folder: Path) -> None:
    assert [("169.00", "157.00", "40.00", "4.88", "124.12", "0.00", "matched")] == money_of(folder, "TB2")
    assert TAOBAO_FEES == fees_of(folder, "TB2")
    assert [] == codes_of(folder, "TB2")


def test_the_share_of_a_subsidy_goes_back_with_a_refund_or_is_e206(folder: Path) -> None:
    assert [("E202", "open", "1.20"), ("E206", "open", "3.06")] == codes_of(folder, "TB3")
    assert [] == codes_of(folder, "TB4")
    assert [("-3.06", "matched"), ("3.06", "differs")] == sorted(
        read(
            folder,
            "select case when order_no = 'TB4' then '-3.06' else '3.06' end, match_status from marts.orders where order_no in ('TB3', 'TB4')",
        )
    )


def test_example_3_two_refunds_bring_every_balance_to_zero(folder: Path) -> None:
    assert [("66.60", "66.60", "66.60", "0.00", "0.00", "0.00", "matched")] == money_of(folder, "OZ3")
    assert [("2026-04-21", "66.20"), ("2026-04-22", "46.32"), ("2026-04-23", "0.00")] == read(
        folder, "select day, closing_balance from marts.account_balances where account = 'wx_zero' order by day"
    )
    assert [
        ("2026-04-21", "66.20", "66.20"),
        ("2026-04-22", "-19.88", "-19.88"),
        ("2026-04-23", "-46.32", "-46.32"),
    ] == read(
        folder,
        """
        select business_date, left_amount, right_amount from marts.matches
        where account = 'wx_zero' and level = 'payment_flow' and status = 'matched' order by 1
        """,
    )
    assert [("payment_fee", "66.60", "0.40", "0.40", "0.00")] == fees_of(folder, "OZ3")
    assert [] == codes_of(folder, "OZ3")


def test_example_4_a_refund_before_settlement_lowers_subsidy_and_fees(folder: Path) -> None:
    assert [("90.00", "84.00", "21.00", "12.15", "55.35", "0.00", "matched")] == money_of(folder, "DY4")
    assert [
        ("creator_fee", "63.00", "9.45", "9.45", "0.00"),
        ("tech_fee", "67.50", "2.70", "2.70", "0.00"),
    ] == fees_of(folder, "DY4")
    batch = "from marts.matches where store = 'dy' and level = 'settlement_flow'"
    assert [("55.35", "55.35", "matched")] == read(folder, f"select left_amount, right_amount, status {batch}")
    assert [] == codes_of(folder, "DY4")


def test_example_5_a_negative_batch_takes_the_net_amount_from_the_wallet(folder: Path) -> None:
    assert [("2026-04-13", "55.80", "55.80", "matched"), ("2026-04-23", "-55.80", "-55.80", "matched")] == read(
        folder,
        """
        select business_date, left_amount, right_amount, status from marts.matches
        where store = 'jd' and level = 'settlement_flow' order by 1
        """,
    )
    assert [("60.00", "60.00", "60.00", "0.00", "0.00", "0.00", "matched")] == money_of(folder, "JD5")
    assert [("commission", "60.00", "4.20", "4.20", "0.00")] == fees_of(folder, "JD5")
    assert [] == codes_of(folder, "JD5")


def test_example_7_an_order_of_the_last_seconds_of_a_month(first: list[dict[str, Any]], folder: Path) -> None:
    waiting = {item["code"]: item for item in first if item.get("order_no") == "MIDNIGHT"}
    assert {"E106", "E107"} == set(waiting)
    assert {("timing", date(2026, 5, 2))} == {(item["status"], item["breaks_on"]) for item in waiting.values()}
    assert [("E106", "cleared", "45.00"), ("E107", "cleared", "45.00")] == codes_of(folder, "MIDNIGHT")
    shown = read(folder, "select exception_id from marts.exceptions where order_no = 'MIDNIGHT'")
    assert {(item["exception_id"],) for item in waiting.values()} == set(shown)
    assert [("matched", "True", "2026-04-30")] == read(
        folder, "select status, cross_day, business_date from marts.matches where level = 'order_payment' and cross_day"
    )


def test_example_7_is_timing_out_on_one_day_and_timing_in_on_the_next(
    first: list[dict[str, Any]], folder: Path
) -> None:
    before = [item for item in first if item["code"] == "daily" and item["day"] == date(2026, 4, 30)]
    assert [(Decimal("45.00"), Decimal("0.00"), Decimal("45.00"), "timing")] == [
        (item["left_amount"], item["right_amount"], item["timing_out"], item["status"]) for item in before
    ]
    assert [
        ("2026-04-30", "45.00", "0.00", "45.00", "0.00", "timing"),
        ("2026-05-01", "0.00", "45.00", "0.00", "45.00", "timing"),
    ] == read(
        folder,
        """
        select day, left_amount, right_amount, timing_out, timing_in, status from marts.daily_reconciliation
        where control = 'C02' and day >= '2026-04-30' order by day
        """,
    )


def test_example_8_a_payout_before_a_holiday_is_in_transit_then_overdue_under_one_number(
    first: list[dict[str, Any]], folder: Path
) -> None:
    (waiting,) = [item for item in first if item["code"] == "E401"]
    assert ("timing", date(2026, 5, 5), Decimal("8000.00")) == (
        waiting["status"],
        waiting["breaks_on"],
        waiting["amount"],
    )
    assert [(waiting["exception_id"], "E402", "open", "8000.00")] == read(
        folder, "select exception_id, code, status, amount from marts.exceptions where code in ('E401', 'E402')"
    )


def test_what_is_due_waits_for_its_grace_and_then_breaks(first: list[dict[str, Any]], folder: Path) -> None:
    early = {(item["code"], item.get("order_no")): (item["status"], item.get("breaks_on")) for item in first}
    assert ("timing", date(2026, 5, 2)) == early["E203", "TB6"]
    assert [("E203", "open", "169.00")] == codes_of(folder, "TB6")
    assert [] == codes_of(folder, "TB5")
    assert ("timing", date(2026, 5, 5)) == early["E110", "SPLIT"]
    assert [("E110", "open", "9.00")] == codes_of(folder, "SPLIT")
    assert "open" == early["E101", "UNPAID"][0]
    assert [("E101", "open", "33.00")] == codes_of(folder, "UNPAID")


def test_a_split_or_merged_payment_is_no_duplicate(folder: Path) -> None:
    assert [("15.00", "15.00"), ("100.00", "100.00")] == read(
        folder,
        """
        select matches.left_amount, matches.right_amount
        from marts.matches inner join marts.orders using (match_id)
        where orders.order_no in ('SPLIT', 'MERGED1') and matches.status = 'matched' order by 1
        """,
    )
    assert [] == codes_of(folder, "MERGED1") + codes_of(folder, "MERGED2")


def test_only_what_is_left_over_is_a_duplicate(folder: Path) -> None:
    duplicates = read(folder, "select right_key, amount from marts.exceptions where code = 'E105' order by 1")
    assert [("SUBSET-2", "30.00"), ("TWICE-2", "88.00")] == duplicates


def test_two_ways_to_add_up_are_ambiguous_and_none_is_a_difference(folder: Path) -> None:
    assert [("50.00",), ("50.00",), ("20.00",), ("30.00",)] == read(
        folder,
        "select amount from marts.exceptions where code = 'E404' and level = 'order_payment' order by left_key nulls last, right_key",
    )
    assert [("E103", "10.00")] == read(folder, "select code, amount from marts.exceptions where order_no = 'NOFIT'")
    assert [("STRAY", "12.00")] == read(folder, "select right_key, amount from marts.exceptions where code = 'E102'")


def test_refunds_without_a_ticket_or_beyond_the_payment(folder: Path) -> None:
    assert [("E111", "BACK2", "7.00"), ("E112", "BACK1", "20.00"), ("E113", "BACK9", "20.00")] == read(
        folder,
        "select code, right_key, amount from marts.exceptions where code in ('E111', 'E112', 'E113', 'E114') order by 1",
    )
    assert [("P2", "30.00", "50.00", "differs")] == read(
        folder,
        """
        select pass, left_amount, right_amount, status from marts.matches
        where level = 'refund_payment' and status <> 'matched'
        """,
    )


def test_payouts_meet_the_bank_alone_together_in_parts_or_only_provisionally(folder: Path) -> None:
    assert [
        ("P5", "91.00", "91.00", "matched"),
        ("P5", "500.00", "500.00", "matched"),
        ("P6", "150.00", "150.00", "provisional"),
        ("P6", "150.00", "150.00", "provisional"),
    ] == read(
        folder,
        """
        select pass, left_amount, right_amount, status from marts.matches
        where level = 'payout_bank' order by pass, left_amount
        """,
    )
    assert [("E403", "77.00"), ("E404", "150.00"), ("E404", "150.00"), ("E408", "42.00")] == read(
        folder,
        """
        select code, amount from marts.exceptions
        where level = 'payout_bank' and code <> 'E402' order by all
        """,
    )


def test_balances_roll_and_nothing_else_is_found(folder: Path) -> None:
    assert [] == read(folder, "select account, day, difference from marts.account_balances where difference <> 0")
    assert [("E101",), ("E102",), ("E103",), ("E105",), ("E110",), ("E111",), ("E112",), ("E113",)] == read(
        folder, "select distinct code from marts.exceptions where code < 'E2' and status = 'open' order by 1"
    )
    assert [("E202",), ("E203",), ("E206",), ("E402",), ("E403",), ("E404",), ("E408",)] == read(
        folder, "select distinct code from marts.exceptions where code > 'E2' and status = 'open' order by 1"
    )
    assert [] == read(folder, "select stage from marts.conservation where residual_rows <> 0 or residual_amount <> 0")
    assert [] == read(folder, "select * from marts.quarantine")
