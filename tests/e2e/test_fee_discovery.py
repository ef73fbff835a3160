"""Charges without a rule: the rule they follow is proposed, and pasted into the merchant's table it explains them all."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.merchant import Merchant, half_up
from tests.support import asked, run_at

# the rules of discovery are tried one by one beside their models; here two whole runs show them together
pytestmark = pytest.mark.heavy
GOODS = ("100.00", "57.30", "333.33", "219.90", "18.75", "64.20")
CARD = "alipay_own_card_payment_fee_cny_20260411"
PDD = "pdd_pdd_pdd_wallet_tech_fee_cny_20260401"
PROPOSED = "select proposed_row from marts.fee_rule_proposals order by rule_id"
CHECKED = """
    select account, fee_type, rule_id, count(*), sum(abs(difference))::varchar from marts.fee_checks
    group by account, fee_type, rule_id order by account
"""


def charged_by_a_platform(shop: Merchant) -> None:
    """0.6 % of what the platform and the buyer pay together: with freight, without the merchant's discount."""
    for number, goods in enumerate(GOODS, 1):
        order_no, consideration = f"PDD{number}", Decimal(goods) + 3
        shop.order(
            "pdd", order_no, f"2026-04-0{number}T09:00:00", goods, freight="6.00",
            merchant_discount="3.00", platform_subsidy="2.50", buyer_paid=str(consideration - Decimal("2.50")), status="completed",
            confirmed_at=f"2026-04-1{number}T12:00:00",
        )  # fmt: skip
        parts = [("goods", str(Decimal(goods) - Decimal("5.50"))), ("freight", "6.00"), ("platform_subsidy", "2.50")]
        fee = ("tech_fee", str(-half_up(consideration * Decimal("0.006"))))
        lines = [(order_no, component, amount) for component, amount in (*parts, fee)]
        shop.settle("pdd", "pdd_wallet", f"S{number}", f"2026-04-1{number}T18:00:00", lines)


def charged_by_a_channel(shop: Merchant) -> None:
    """2.9 % and 0.30 for every payment."""
    for number, amount in enumerate(GOODS, 1):
        moment = f"2026-04-1{number}T09:00:05"
        fee = str(half_up(Decimal(amount) * Decimal("0.029") + Decimal("0.30")))
        shop.order("own", f"OWN{number}", f"2026-04-1{number}T09:00:00", amount)
        shop.add(
            "payments", account="card", transaction_no=f"T{number}", type="payment", status="succeeded", amount=amount,
            fee=fee, order_no=f"OWN{number}", occurred_at=moment,
        )  # fmt: skip
        shop.flow("card", moment, "in", amount, "payment", business_ref=f"T{number}")
        shop.flow("card", moment, "out", fee, "payment_fee", business_ref=f"T{number}")


def explains(amount: str) -> str:
    return f'"explains 6 of 6 charges, {amount} of {amount} CNY; other rules that explain as much: 0"'


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any], Path]:
    """The proposals and the checks of the first morning, and the folder after the second, with the rows pasted."""
    shop = Merchant(tmp_path_factory.mktemp("fees"))
    shop.store("pdd", "pdd", "pdd_wallet")
    shop.store("own", "own_site", "card")
    shop.account("pdd_wallet", "pdd", "wallet")
    shop.account("card", "alipay", "channel")
    shop.account("bank", "bank", "bank")
    charged_by_a_platform(shop)
    charged_by_a_channel(shop)
    shop.deliver("1")
    assert run_at(shop.folder, "2026-04-20T10:30:00+08:00") == 0
    proposed, checked = asked(shop.folder, PROPOSED), asked(shop.folder, CHECKED)
    with (shop.folder / "rules/fee_rules.csv").open("a", encoding="utf-8") as table:
        table.writelines(f"{line}\n" for (line,) in proposed)
    assert run_at(shop.folder, "2026-04-21T10:30:00+08:00") == 0
    return proposed, checked, shop.folder


def test_the_rule_that_charges_follow_is_proposed(mornings: tuple[list[Any], list[Any], Path]) -> None:
    proposed, checked, _ = mornings
    assert checked == [("card", "payment_fee", None, 6, None), ("pdd_wallet", "tech_fee", None, 6, None)]
    assert proposed == [
        (f"{CARD},alipay,own,card,payment_fee,,buyer_paid,0.029,0.30,,,,,paid,2026-04-11,,{explains('24.81')}",),
        (f"{PDD},pdd,pdd,pdd_wallet,tech_fee,,consideration,0.006,,,,,,paid,2026-04-01,,{explains('4.87')}",),
    ]


def test_a_pasted_row_is_the_rule_of_the_next_run_and_explains_every_charge(
    mornings: tuple[list[Any], list[Any], Path],
) -> None:
    folder = mornings[2]
    assert asked(folder, CHECKED) == [
        ("card", "payment_fee", CARD, 6, "0.00"),
        ("pdd_wallet", "tech_fee", PDD, 6, "0.00"),
    ]
    assert asked(folder, PROPOSED) == []
    assert asked(folder, "select * from marts.exceptions where code in ('E201', 'E208', 'E005')") == []
