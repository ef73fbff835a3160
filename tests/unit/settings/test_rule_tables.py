"""The rule tables: the shipped ones are sound, and a wrong cell is named with its line."""

import re
from decimal import Decimal

import pytest

from orchestration.settings import RULE_COLUMNS, SettingsError, default_rules, rule_tables
from orchestration.settings.rules import check_rules, read_rules

HEAD = "rule_id,platform,ship_mode,ship_hours,pickup_hours,valid_from,valid_to,evidence\n"


def rows(table):
    return [row for _, row in read_rules(table, default_rules()[table])]


def test_the_shipped_tables_are_sound():
    for table, path in default_rules().items():
        assert table in RULE_COLUMNS
        check_rules(table, path)


def test_people_are_not_shipped():
    assert "people" not in default_rules()


def test_the_bank_calendar_knows_holidays_and_make_up_weekends():
    days = {row["day"]: row["is_open"] for row in rows("bank_calendar")}
    assert ["false", "true", "true", "false"] == [
        days[d] for d in ("2026-10-01", "2026-02-14", "2026-10-08", "2027-10-01")
    ]
    assert 1095 == len(days)


@pytest.mark.parametrize(
    ("source", "business_type", "remark", "category"),
    [
        ("wechatpay", "扣除交易手续费", "", "payment_fee"),
        ("wechatpay", "提现", "", "payout"),
        ("alipay", "在线支付", "", "payment"),
        ("alipay", "收费", "基础软件服务费[1]", "tech_fee"),
        ("alipay", "收费", "天猫佣金[1]", "commission"),
        ("alipay", "收费", "别的", "payment_fee"),
        ("alipay", "转账", "平台补贴扣回[1]", "subsidy_clawback"),
        ("alipay", "转账", "还款", None),
        ("alipay", "营销活动返还", "", None),
        ("files", "结算", "", "settlement"),
    ],
)
def test_flow_categories_name_one_category_or_none(source, business_type, remark, category):
    fits = [
        row
        for row in rows("flow_categories")
        if row["source"] == source
        and row["business_type"] == business_type
        and (not row["remark_pattern"] or re.fullmatch(row["remark_pattern"], remark))
    ]
    best = min((int(row["priority"]) for row in fits), default=0)
    assert {row["category"] for row in fits if int(row["priority"]) == best} == ({category} if category else set())


def test_fee_rates_are_exact():
    charges = {row["rule_id"]: Decimal(row["rate"] or row["fixed"]) for row in rows("fee_rules")}
    assert Decimal("0.006") == charges["wechatpay_payment_fee"]
    assert Decimal("0.50") == charges["jd_freight_insurance"]


def test_every_code_has_one_owner():
    codes = [row["code"] for row in rows("owners")]
    assert len(codes) == len(set(codes))
    assert {"E001", "E208", "E404", "E501"} <= set(codes)


def test_a_file_of_the_user_replaces_the_shipped_one(tmp_path):
    own = tmp_path / "promise_rules.csv"
    own.write_text("\ufeff" + HEAD + "mine,,,24,12,,,说明\n", encoding="utf-8")
    tables = rule_tables(tmp_path)
    assert own == tables["promise_rules"]
    assert default_rules()["owners"] == tables["owners"]
    own.write_bytes((HEAD + "mine,,,24,12,,,说明\n").encode("gb18030"))
    assert "说明" == read_rules("promise_rules", own)[0][1]["evidence"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "a,,,24h,12,,,\n", "line 2 ship_hours.*whole number"),
        (HEAD + "a,,,24,12,2026-1-1,,\n", "line 2 valid_from.*write a day"),
        (HEAD + "a,,,24,12,2026-02-01,2026-01-01,\n", "before valid_from"),
        (HEAD + "a,,,24,12,,,\na,,,48,12,,,\n", "line 3: repeats a of line 2"),
        (HEAD + ",,,24,12,,,\n", "rule_id: is empty"),
        (HEAD + "a,,,24\n", "line 2: has 4 cells"),
        (HEAD.replace("ship_hours,", ""), "misses ship_hours"),
        (HEAD.replace("evidence", "platform"), "misses evidence"),
        (HEAD + 'a,,"x\n', "no valid CSV"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, text, message):
    (tmp_path / "promise_rules.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        rule_tables(tmp_path)


def test_a_table_nobody_knows_is_named(tmp_path):
    (tmp_path / "fees.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="is no rule table; allowed names are fee_rules"):
        rule_tables(tmp_path)
