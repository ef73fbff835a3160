"""Every number of the world closes to the cent, and what does not close is exactly what was planted."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import sandbox_auditor as audit

from connectors.sandbox.server import truth_of
from connectors.sandbox.world import FAULTS
from connectors.sandbox.world.plan import next_bank_day

FIRST, LAST = date(2026, 9, 24), date(2026, 10, 11)
NOW = datetime.fromisoformat("2026-10-12T10:30:00")
DAYS = [FIRST + timedelta(days=index) for index in range((LAST - FIRST).days + 1)]
ORDER_FIELDS = (
    "tid,status,created,pay_time,consign_time,end_time,modified,total_fee,discount_fee,post_fee,payment,orders"
)


def wechat_side(merchant):
    payments, refunds, dark = [], [], set()
    for day in DAYS:
        body = merchant.wechat_bill("tradebill", day)
        if body is None:
            continue
        rows, foot = audit.wechat_rows(body)
        if len(rows) != int(foot[0]):
            dark.add(day)
            continue
        assert Decimal(foot[1]) == sum(Decimal(row["应结订单金额"]) for row in rows)
        assert Decimal(foot[4]) == sum(Decimal(row["手续费"]) for row in rows)
        for row in rows:
            record = {
                "account": "wechat_main",
                "trade": row["微信订单号"],
                "number": row["商户订单号"],
                "order_no": row["商户数据包"].removeprefix("order_no="),
                "at": datetime.fromisoformat(row["交易时间"]),
            }
            if row["交易状态"] == "SUCCESS":
                amount, fee = Decimal(row["应结订单金额"]), Decimal(row["手续费"])
                assert Decimal(row["订单金额"]) == amount + Decimal(row["代金券金额"])
                payments.append(record | {"key": row["微信订单号"], "amount": amount, "fee": fee})
            else:
                amount, fee = Decimal(row["退款金额"]), -Decimal(row["手续费"])
                more = {"key": row["微信退款单号"], "refund_number": row["商户退款单号"]}
                refunds.append(record | more | {"amount": amount, "fee": fee})
    return payments, refunds, dark


def alipay_side(merchant):
    payments, refunds, dark = [], [], set()
    for day in DAYS:
        body = merchant.alipay_bill("trade", day)
        if body is None:
            dark.add(day)
            continue
        rows, totals = audit.alipay_rows(body)
        paid = [row for row in rows if row["业务类型"] == "交易"]
        assert f"#交易合计：{len(paid)}笔" in totals[0]
        for row in rows:
            amount = abs(Decimal(row["商家实收（元）"]))
            record = {
                "account": "alipay_main",
                "trade": row["支付宝交易号"],
                "number": row["商户订单号"],
                "order_no": row["备注"].removeprefix("order_no="),
                "at": datetime.fromisoformat(row["完成时间"]),
                "amount": amount,
                "fee": -Decimal(row["服务费（元）"]),
            }
            if row["业务类型"] == "交易":
                payments.append(record | {"key": row["支付宝交易号"]})
            else:
                number = row["退款批次号/请求号"]
                refunds.append(record | {"key": f"{row['支付宝交易号']}-{number}", "refund_number": number})
    return payments, refunds, dark


def tmall_orders(merchant):
    newest = {}
    for day in DAYS:
        for trade in merchant.taobao_pages("taobao.trades.sold.increment.get", day, ORDER_FIELDS, "trades", "trade"):
            newest[trade["tid"]] = trade
    orders = []
    for trade in newest.values():
        merchant_part = sum(Decimal(line["part_mjz_discount"]) for line in trade["orders"]["order"])
        share = sum(Decimal(line["divide_order_fee"]) for line in trade["orders"]["order"])
        assert Decimal(trade["payment"]) == share + Decimal(trade["post_fee"]), trade
        orders.append(
            {
                "order_no": str(trade["tid"]),
                "goods_amount": trade["total_fee"],
                "merchant_discount": str(merchant_part),
                "platform_subsidy": str(Decimal(trade["discount_fee"]) - merchant_part),
                "channel_subsidy": "0",
                "creator_subsidy": "0",
                "freight": trade["post_fee"],
                "buyer_paid": trade["payment"],
                "confirmed_at": trade["end_time"] if trade["status"] == "TRADE_FINISHED" else "",
            }
        )
    fields = "refund_id,tid,refund_fee,status,modified"
    tickets = {}
    for day in DAYS:
        for refund in merchant.taobao_pages("taobao.refunds.receive.get", day, fields, "refunds", "refund"):
            tickets[refund["refund_id"]] = {
                "order_no": str(refund["tid"]),
                "amount": refund["refund_fee"],
                "succeeded_at": refund["modified"],
                "status": refund["status"],
            }
    return orders, [ticket for ticket in tickets.values() if ticket["status"] == "SUCCESS"]


OF_THE_DEFAULT = set(FAULTS[: FAULTS.index("chargeback")]) | {"batch_difference"}
NAMES = {"交易付款": "credit", "交易退款": "refund", "转账": "clawback"}


def alipay_flows(merchant):
    """Movements by Taobao order, payouts, unknown types; own-shop rows are compared with the trade bill."""
    moved, payouts, found, own = defaultdict(dict), [], set(), defaultdict(Decimal)
    everything = []
    for day in DAYS:
        rows, _ = audit.alipay_rows(merchant.alipay_bill("signcustomer", day))
        everything += rows
    for row in everything:
        amount = Decimal(row["收入金额（+元）"]) + Decimal(row["支出金额（-元）"])
        kind, number = row["业务类型"], row["商户订单号"]
        if kind == "提现":
            payouts.append(
                {"no": row["业务流水号"], "amount": -amount, "day": date.fromisoformat(row["发生时间"][:10])}
            )
        elif kind == "营销活动返还":
            found.add(("E005", row["账务流水号"], amount))
        elif number.startswith("T200P") or kind == "转账":
            tid = number.removeprefix("T200P") or row["备注"].partition("[")[2].strip("]")
            name = NAMES.get(kind) or ("tech_fee" if "软件服务费" in row["备注"] else "commission")
            assert name not in moved[tid]
            moved[tid][name] = amount
        else:
            own[row["业务流水号"]] += amount
    audit.balances_close(
        everything,
        lambda row: Decimal(row["收入金额（+元）"]) + Decimal(row["支出金额（-元）"]),
        lambda row: Decimal(row["账户余额（元）"]),
    )
    return moved, payouts, found, own


def wechat_flows(merchant):
    payouts, own, everything = [], defaultdict(Decimal), []
    for day in DAYS:
        body = merchant.wechat_bill("fundflowbill", day)
        everything += audit.wechat_rows(body)[0] if body else []
    for row in everything:
        sign = 1 if row["收支类型"] == "收入" else -1
        amount = sign * Decimal(row["收支金额(元)"])
        if row["业务类型"] == "提现":
            payouts.append(
                {"no": row["业务凭证号"], "amount": -amount, "day": date.fromisoformat(row["记账时间"][:10])}
            )
        else:
            own[row["微信支付业务单号"]] += amount
    audit.balances_close(
        everything,
        lambda row: Decimal(row["收支金额(元)"]) * (1 if row["收支类型"] == "收入" else -1),
        lambda row: Decimal(row["账户结余(元)"]),
    )
    return payouts, own


def outlet_moves(folder):
    moved = defaultdict(lambda: defaultdict(Decimal))
    totals = defaultdict(Decimal)
    sides = {"goods": "credit", "freight": "credit", "platform_subsidy": "credit", "tech_fee": "tech_fee"}
    batches = defaultdict(set)
    for row in audit.drops(folder, "settlement_lines"):
        amount, no = Decimal(row["amount"]), row["order_no"]
        totals[row["settlement_no"]] += amount
        batches[no].add(row["settlement_no"])
        is_credit = row["component"] in sides or len(batches[no]) == 1
        late = {"refund": "refund", "subsidy_clawback": "clawback"}.get(row["component"], "")
        moved[no][sides.get(row["component"], "credit" if is_credit else late)] += amount
    return moved, totals


def payouts_of(merchant, alipay_payouts, wechat_payouts):
    payers = {
        "alipay": "支付宝（中国）网络技术有限公司客户备付金",
        "wechat": "财付通支付科技有限公司客户备付金",
        "outlet": "上海寻梦信息技术有限公司",
    }
    folder = merchant.sandbox.config.drops["files"]
    outlet = [
        {"no": row["payout_no"], "amount": Decimal(row["amount"]), "day": date.fromisoformat(row["initiated_at"][:10])}
        for row in audit.drops(folder, "payouts", ("payout_no",))
    ]
    named = (("alipay", alipay_payouts), ("wechat", wechat_payouts), ("outlet", outlet))
    return [
        payout | {"payer": payers[name], "due": next_bank_day(payout["day"])}
        for name, payouts in named
        for payout in sorted(payouts, key=lambda p: p["no"])
    ]


def found_in(merchant):
    folder = merchant.sandbox.config.drops["files"]
    lines = defaultdict(list)
    for line in audit.drops(folder, "order_lines"):
        lines[line["order_no"]].append(line)
    orders = audit.drops(folder, "orders", ("order_no",))
    own = [order for order in orders if order["store"] == "own_shop"]
    outlet = [order for order in orders if order["store"] == "outlet"]
    tickets = [t for t in audit.drops(folder, "refunds", ("refund_no",)) if t["status"] == "succeeded"]
    wechat_paid, wechat_refunds, wechat_dark = wechat_side(merchant)
    alipay_paid, alipay_refunds, alipay_dark = alipay_side(merchant)
    payments, refunds = wechat_paid + alipay_paid, wechat_refunds + alipay_refunds
    found = audit.own_shop(own, payments, wechat_dark | alipay_dark, lines)
    paid_by_order = {order["order_no"]: Decimal(order["buyer_paid"]) for order in own}
    found |= audit.refunds([t for t in tickets if t["store"] == "own_shop"], refunds, paid_by_order)
    found |= audit.fees(payments, refunds)
    found |= audit.not_shipped(own + outlet, audit.drops(folder, "shipments", ("waybill_no",)), NOW)
    moved, alipay_payouts, unknown, alipay_own = alipay_flows(merchant)
    wechat_payouts, wechat_own = wechat_flows(merchant)
    trades, trade_tickets = tmall_orders(merchant)
    found |= unknown | audit.platform_settlement(trades, trade_tickets, moved, 0, LAST)
    outlet_moved, totals = outlet_moves(folder)
    outlet_tickets = [t for t in tickets if t["store"] == "outlet"]
    found |= audit.platform_settlement(outlet, outlet_tickets, outlet_moved, 1, LAST)
    flows = audit.drops(folder, "fund_flows")
    settled = {row["business_ref"]: Decimal(row["amount"]) for row in flows if row["category"] == "settlement"}
    stated = {row["settlement_no"]: Decimal(row["total_amount"]) for row in audit.drops(folder, "settlements")}
    assert stated == settled
    found |= {("E305", no, total - totals[no]) for no, total in stated.items() if total != totals[no]}
    for record in wechat_paid:
        assert wechat_own.pop(record["trade"]) == record["amount"] - record["fee"], record
    for record in wechat_refunds:
        assert wechat_own.pop(record["key"]) == record["fee"] - record["amount"], record
    for record in alipay_refunds:
        alipay_own[record["trade"]] += record["amount"]
    for record in alipay_paid:
        assert alipay_own.pop(record["trade"]) == record["amount"] - record["fee"], record
    bank, balances = audit.bank_lines(merchant.sandbox.config.drops["bank_camt"])
    for (_, closing), (opening, _) in pairwise(balances):
        assert closing == opening
    found |= audit.bank(payouts_of(merchant, alipay_payouts, wechat_payouts), bank, LAST)
    found |= {("E001", f"alipay_main {day}", Decimal(0)) for day in alipay_dark}
    found |= {("E002", f"wechat_main {day}", Decimal(0)) for day in wechat_dark}
    return found, wechat_own, alipay_own


def test_without_faults_nothing_is_left_over(calm):
    found, wechat_own, alipay_own = found_in(calm)
    assert found == set()
    assert not wechat_own
    assert not any(alipay_own.values())
    assert calm.session.get("http://sandbox.test/_sandbox/truth").json() == []


def test_with_faults_exactly_the_planted_ones_are_left_over(stormy):
    truth = stormy.session.get("http://sandbox.test/_sandbox/truth").json()
    planted = [
        (fault["code"], fault["key"], Decimal(fault["amount"]))
        for fault in truth
        if (fault["status"] == "open" or fault["code"] == "E001")
        and not fault["needs_two_pulls"]
        and fault["code"] != "E208"
    ]
    found, _, _ = found_in(stormy)
    assert set(planted) == found
    assert len(planted) == len(found)


def test_every_kind_of_fault_is_planted_in_a_week(config):
    week = replace(config, first_day=date(2026, 9, 26), last_day=date(2026, 10, 2), orders_per_day=240)
    truth = truth_of(week, datetime.fromisoformat("2026-10-03T10:30:00+08:00"))
    assert {fault["fault"] for fault in truth} == OF_THE_DEFAULT - {"two_payouts_one_deposit"}


def test_every_kind_of_fault_is_planted_in_a_week_with_the_market(config):
    week = replace(config, first_day=date(2026, 9, 26), last_day=date(2026, 10, 2), orders_per_day=240, has_market=True)
    truth = truth_of(week, datetime.fromisoformat("2026-10-03T10:30:00+08:00"))
    assert {fault["fault"] for fault in truth} == set(FAULTS) - {"two_payouts_one_deposit"}


def test_a_changed_fee_rate_is_the_sum_of_its_payments(stormy):
    truth = stormy.session.get("http://sandbox.test/_sandbox/truth").json()
    parents = [fault for fault in truth if fault["code"] == "E208"]
    children = [fault for fault in truth if fault["code"] == "E201"]
    assert len(parents) == 1
    assert len(children) >= 5
    assert {child["parent"] for child in children} == {parents[0]["key"]}
    assert Decimal(parents[0]["amount"]) == sum(Decimal(child["amount"]) for child in children)


def test_payout_amounts_are_told_apart(stormy):
    world = stormy.sandbox.world
    amounts = world.rows("select amount from payouts where fault is distinct from 'equal_payouts'")
    assert len(amounts) == len(set(amounts))
    deposits = world.rows("select amount from bank_lines where fault is distinct from 'equal_payouts'")
    assert len(deposits) == len(set(deposits))
