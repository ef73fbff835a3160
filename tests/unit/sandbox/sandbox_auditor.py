"""A second pair of eyes: reads only what the sandbox shows outside, reconciles it naively, and says what does not agree.

It shares nothing with the world's SQL, so that a number which closes here closes for anyone.
"""

import csv
import gzip
import io
import zipfile
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

CENT = Decimal("0.01")
Finding = tuple[str, str, Decimal]


def money(text):
    return Decimal(text or "0")


def half_up(value):
    return value.quantize(CENT, ROUND_HALF_UP)


def moment(text):
    return datetime.fromisoformat(text) if text else None


def drops(folder: Path, stream: str, key: tuple[str, ...] | None = None):
    """Rows of a stream over all days, the newest record of a key only."""
    rows = []
    for path in sorted(folder.glob(f"{stream}_20*")):
        body = path.read_bytes()
        text = (gzip.decompress(body) if path.suffix == ".gz" else body).decode()
        rows += csv.DictReader(io.StringIO(text))
    if key is None:
        return rows
    newest = {tuple(row[name] for name in key): row for row in rows}
    return list(newest.values())


def wechat_rows(body: bytes):
    lines = body.decode().splitlines()
    heading = lines[0].split(",")
    foot = [cell.removeprefix("`") for cell in lines[-1].split(",")]
    rows = [
        dict(zip(heading, (cell.removeprefix("`") for cell in line.split(",")), strict=True)) for line in lines[1:-2]
    ]
    return rows, foot


def alipay_lines(body: bytes):
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        names = {info.orig_filename.encode("cp437").decode("gbk"): info for info in file.infolist()}
        detail = next(info for name, info in names.items() if "汇总" not in name)
        return file.read(detail).decode("gb18030").splitlines()


def alipay_rows(body: bytes):
    lines = alipay_lines(body)
    heading = lines[4].split(",")
    rows = [
        dict(zip(heading, (cell.strip("\t") for cell in line.split(",")), strict=True))
        for line in lines[5:]
        if not line.startswith("#")
    ]
    return rows, [line for line in lines if line.startswith("#") and "合计" in line]


def bank_lines(folder: Path):
    lines, balances = [], []
    for path in sorted(folder.glob("camt053_*.xml")):
        root = ET.fromstring(path.read_bytes())  # noqa: S314 - our own file
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        balances.append([money(b.findtext("Amt")) for b in root.iter("Bal")])
        for entry in root.iter("Ntry"):
            sign = 1 if entry.findtext("CdtDbtInd") == "CRDT" else -1
            lines.append(
                {
                    "day": date.fromisoformat(entry.findtext("BookgDt/Dt")),
                    "amount": sign * money(entry.findtext("Amt")),
                    "reference": entry.findtext("AcctSvcrRef"),
                    "name": next(entry.iter("Nm")).text,
                    "remark": next(entry.iter("Ustrd")).text,
                }
            )
    return lines, balances


def grouped(orders, payments):
    """Orders and payments that share a number, and the payments nobody asked for."""
    by_order, by_number, groups = defaultdict(list), defaultdict(list), defaultdict(list)
    for payment in payments:
        (by_order[payment["order_no"]] if payment["order_no"] else by_number[payment["number"]]).append(payment)
    for order in orders:
        groups[order["merchant_pay_no"] or order["order_no"]].append(order)
    pairs = [
        (members, [*by_number.pop(number, []), *(p for o in members for p in by_order.pop(o["order_no"], []))])
        for number, members in groups.items()
    ]
    return pairs, [payment for left in (*by_order.values(), *by_number.values()) for payment in left]


def of_group(members, paid, dark) -> set[Finding]:
    due = sum(money(order["buyer_paid"]) for order in members)
    total = sum((payment["amount"] for payment in paid), Decimal(0))
    first, at = members[0], moment(members[0]["paid_at"])
    if first["status"] == "cancelled":
        return {("E104", first["order_no"], payment["amount"]) for payment in paid}
    if first["status"] == "created":
        assert total < due, first
        return set()
    if not paid:
        return {("E101", o["order_no"], money(o["buyer_paid"])) for o in members if at.date() not in dark}
    if total != due:
        later = sorted(paid, key=lambda p: p["at"])[1:]
        if later and later[0]["amount"] == due:
            return {("E105", payment["key"], payment["amount"]) for payment in later}
        return {("E103", first["order_no"], abs(total - due))}
    last = max(payment["at"] for payment in paid)
    tags = [("E106", at.date() != last.date()), ("E107", at.month != last.month)]
    return {(code, first["order_no"], due) for code, holds in tags if holds}


def own_shop(orders, payments, dark, lines) -> set[Finding]:
    """Orders against channel payments: one group per number that either side carries."""
    pairs, unasked = grouped(orders, payments)
    found = {("E102", payment["key"], payment["amount"]) for payment in unasked}
    for members, paid in pairs:
        found |= of_group(members, paid, dark)
    for order in orders:
        of_order = lines[order["order_no"]]
        assert money(order["goods_amount"]) == sum(money(line["line_amount"]) for line in of_order), order
        assert money(order["merchant_discount"]) == sum(money(line["merchant_discount"]) for line in of_order), order
    return found


def refunds(tickets, channel_refunds, paid_by_order) -> set[Finding]:
    """Tickets against channel refunds by the merchant's number, then what the order's refunds add up to."""
    found: set[Finding] = set()
    by_number = {refund["refund_number"]: refund for refund in channel_refunds}
    refunded = defaultdict(Decimal)
    for ticket in sorted(tickets, key=lambda t: t["succeeded_at"]):
        refund = by_number.pop(ticket["merchant_refund_no"], None)
        if refund is None:
            found.add(("E110", ticket["refund_no"], money(ticket["amount"])))
            continue
        if refund["amount"] != money(ticket["amount"]):
            found.add(("E114", refund["key"], abs(refund["amount"] - money(ticket["amount"]))))
        before = refunded[ticket["order_no"]]
        refunded[ticket["order_no"]] += refund["amount"]
        paid = paid_by_order[ticket["order_no"]]
        if before <= paid < before + refund["amount"]:
            found.add(("E113", refund["key"], before + refund["amount"] - paid))
    known = {refund["number"] for refund in channel_refunds if refund["refund_number"] not in by_number}
    for refund in by_number.values():
        code = "E112" if refund["number"] in known else "E111"
        found.add((code, refund["key"], refund["amount"]))
    return found


def fees(payments, channel_refunds) -> set[Finding]:
    """The fee each payment was charged, and what refunds gave back, by the contract's rate."""
    found: set[Finding] = set()
    left = {}
    for payment in payments:
        expected = half_up(payment["amount"] * Decimal("0.006"))
        if abs(payment["fee"] - expected) > CENT:
            found.add(("E201", payment["key"], abs(payment["fee"] - expected)))
        left[payment["trade"]] = [payment["fee"], payment["amount"]]
    for refund in sorted(channel_refunds, key=lambda r: r["at"]):
        if refund["account"] != "wechat_main" or refund["trade"] not in left:
            continue
        fee, amount = left[refund["trade"]]
        expected = fee if refund["amount"] >= amount else min(fee, half_up(refund["amount"] * Decimal("0.006")))
        assert refund["fee"] == expected, refund
        left[refund["trade"]] = [fee - expected, amount - refund["amount"]]
    return found


def platform_settlement(orders, tickets, moved, lag, today) -> set[Finding]:
    """What each confirmed order of a platform shop was due, against the movements that carry its number."""
    found: set[Finding] = set()
    by_order = {ticket["order_no"]: ticket for ticket in tickets}
    for order in orders:
        no, subsidy, paid = order["order_no"], money(order["platform_subsidy"]), money(order["buyer_paid"])
        consideration = money(order["goods_amount"]) - money(order["merchant_discount"]) + money(order["freight"])
        own = sum(money(order[name]) for name in ("platform_subsidy", "channel_subsidy", "creator_subsidy"))
        assert consideration == paid + own, order
        ticket, parts = by_order.get(no), moved.pop(no, {})
        confirmed = moment(order["confirmed_at"])
        refund = money(ticket["amount"]) if ticket else Decimal(0)
        clawed = subsidy if ticket and refund == paid else half_up(subsidy * refund / paid)
        if confirmed is None:
            assert not parts, order
            continue
        if confirmed.date() + timedelta(days=lag) > today:
            continue
        got = parts.get("credit", Decimal(0))
        is_early = bool(ticket) and moment(ticket["succeeded_at"]) < confirmed
        due = consideration - (refund + clawed if is_early else 0)
        if not parts:
            if due:
                found.add(("E203", no, due))
            continue
        if got != due:
            found.add(("E204", no, abs(got - due)))
        assert parts.get("tech_fee", Decimal(0)) == -half_up(due * Decimal("0.006")), order
        if ticket and not is_early and moment(ticket["succeeded_at"]).date() + timedelta(days=lag) <= today:
            assert parts["refund"] == -refund, order
            if parts.get("clawback", Decimal(0)) != -clawed:
                found.add(("E206", no, clawed))
    assert not moved, moved
    return found


def bank(payouts, lines, today) -> set[Finding]:
    """Payouts against bank lines: by number in the remark, by amount, by the sum of two of one account."""
    found: set[Finding] = set()
    free = list(lines)
    open_payouts = []
    for payout in payouts:
        named = [line for line in free if payout["no"] in line["remark"]]
        same = named or [
            line for line in free if line["amount"] == payout["amount"] and line["name"] == payout["payer"]
        ]
        if not same:
            open_payouts.append(payout)
            continue
        rivals = [p for p in payouts if p["amount"] == payout["amount"] and p["payer"] == payout["payer"]]
        if not named and len(rivals) > 1:
            found.add(("E404", payout["no"], payout["amount"]))
        free.remove(same[0])
    for first in list(open_payouts):
        for second in list(open_payouts):
            pair = [line for line in free if line["amount"] == first["amount"] + second["amount"]]
            if first["no"] < second["no"] and first["payer"] == second["payer"] and pair:
                free.remove(pair[0])
                open_payouts = [p for p in open_payouts if p["no"] not in (first["no"], second["no"])]
    found |= {("E402", p["no"], p["amount"]) for p in open_payouts if p["due"] < today}
    found |= {("E403" if line["amount"] > 0 else "E408", line["reference"], abs(line["amount"])) for line in free}
    return found


def balances_close(rows, amount_of, balance_of):
    """Every running balance is the one before plus the movement."""
    before = None
    for row in rows:
        if before is not None:
            assert balance_of(row) == before + amount_of(row), row
        before = balance_of(row)


def not_shipped(orders, shipments, now) -> set[Finding]:
    shipped = {row["order_no"]: row for row in shipments}
    found: set[Finding] = set()
    for order in orders:
        paid = moment(order["paid_at"])
        if paid is None or order["status"] == "closed":
            continue
        row = shipped.get(order["order_no"])
        if row is not None:
            assert moment(row["tracked_at"]) - paid <= timedelta(hours=36), order
        elif now > paid + timedelta(hours=48):
            found.add(("E501", order["order_no"], money(order["buyer_paid"])))
    return found
