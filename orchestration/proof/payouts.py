"""Payouts and bank credits: every pass of the matching rules worked out again from the records, and compared.

A payout and a credit meet on one bank account, in the currency of the bank. P1 to P3: one names the other by number,
and nothing else is named. P4: equal amounts inside the window, each the only candidate of the other. P5: several make
up one, exactly, in one way only. P6: equal amounts in a queue, first in, first out. A pass sees what those before it
left free.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from orchestration.proof.combinations import Search, searches
from orchestration.proof.finding import Finding
from orchestration.proof.rows import Rows
from orchestration.proof.windows import NEEDS as WINDOW_NEEDS
from orchestration.proof.windows import Windows, windows

PASSED_OVER: Final = "no better-ranked free candidate was passed over"
EARNED: Final = "a match is of the pass whose rule it keeps"
SEARCHED: Final = "a search for combinations never calls stopped what does not exist, nor the other way round"
WORD: Final = re.compile(r"[A-Za-z0-9_-]+")
MANUAL: Final = 0
OPEN: Final = 99
RANKS: Final = {"MANUAL": MANUAL, "P1": 1, "P2": 1, "P3": 1, "P4": 4, "P5": 5, "P6": 6}
WHY: Final = {
    RANKS["P1"]: ("share a number with nothing else", "do not share a number with nothing else"),
    RANKS["P4"]: ("are each other's only candidate by amount", "are not each other's only candidate by amount"),
}
NEEDS: Final = {
    "int_ledger__payouts": ("bank_amount", "bank_currency", "bank_reference", "fx_rate"),
    "int_ledger__bank_lines": ("bank_reference", "remark"),
    "int_ledger__accounts": ("account", "pays_out_to"),
}
PAYOUTS: Final = """
    select
        record_key, account, bank_account, payout_no, bank_reference, business_date, epoch_us(initiated_at),
        currency, amount, fee, bank_amount, bank_currency, fx_rate
    from ledger.int_ledger__payouts
    where
        status in ('in_transit', 'paid')
        and amount is not null and currency is not null and business_date is not null
"""
LINES: Final = """
    select record_key, account, bank_reference, remark, business_date, epoch_us(booked_at), currency, amount
    from ledger.int_ledger__bank_lines
    where direction = 'in' and amount is not null and currency is not null and business_date is not null
"""

KEPT_APART: Final = "kept_apart"
"""What two people took out of the passes and into no match of their own."""
SAID: Final = "select record_type, record_key, search from marts.open_items where level = 'payout_bank'"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A payout or a credit, on the bank account where it must meet the other."""

    kind: str
    key: str
    family: str
    bank: str
    currency: str
    cents: int
    day: date
    at: float
    numbers: frozenset[str]

    @property
    def place(self) -> tuple[str, str]:
        """Where and in what it must meet its counterpart."""
        return self.bank, self.currency

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


@dataclass(frozen=True, slots=True)
class Claims:
    """Which match claims an item, and of which pass."""

    match_of: Mapping[tuple[str, str], str]
    pass_of: Mapping[str, str]

    def match(self, item: Item) -> str | None:
        """The match that claims it."""
        return self.match_of.get((item.kind, item.key))

    def rank(self, item: Item) -> int:
        """The rank of its pass; the last of all where it is open."""
        match = self.match(item)
        return OPEN if match is None else RANKS[self.pass_of[match]]

    def together(self, one: Item, other: Item) -> bool:
        """Whether one match claims both."""
        return self.match(one) is not None and self.match(one) == self.match(other)

    def state(self, item: Item) -> str:
        """What became of it, for a sentence."""
        match = self.match(item)
        return f"{item} is open" if match is None else f"{item} is in a match of {self.pass_of[match]}"


Pair = tuple[Item, Item]
Said = Mapping[tuple[str, str], str | None]
"""Verdicts of open items, by kind and key."""


def broken_payouts(rows: Rows) -> Iterator[Finding]:
    """Every pass that was not kept; nothing where the ledger is not at hand, as in a published snapshot."""
    needs = [*NEEDS.items(), *WINDOW_NEEDS.items()]
    if not all(rows.has("ledger", table, *columns) for table, columns in needs):
        return
    said = {(kind, key): verdict for kind, key, verdict in rows.read(SAID)}
    apart = {record for record, verdict in said.items() if verdict == KEPT_APART}
    items = [item for item in (*_payouts(rows), *_lines(rows)) if (item.kind, item.key) not in apart]
    said = {record: verdict for record, verdict in said.items() if record not in apart}
    yield from judge(items, _claims(rows), windows(rows), said)


def judge(items: Sequence[Item], claims: Claims, by_pass: Mapping[str, Windows], said: Said) -> Iterator[Finding]:
    """Pass by pass. What a better pass should have claimed is no candidate of those behind it."""
    free = [item for item in items if claims.rank(item) != MANUAL]
    pairs = _named(free)
    yield from _compared(pairs, claims, RANKS["P1"])
    free = _left(free, claims, RANKS["P1"], pairs)
    pairs = _alike(free, by_pass["P4"])
    yield from _compared(pairs, claims, RANKS["P4"])
    free = _left(free, claims, RANKS["P4"], pairs)
    found = searches(_options(free, by_pass["P5"]))
    yield from _combinations(found, claims)
    yield from _verdicts(items, found, claims, said)
    due = {(item, *search.parts) for item, search in found.items() if search.parts}
    yield from _queues(_left(free, claims, RANKS["P5"], due), claims, by_pass["P6"])


def _left(items: Sequence[Item], claims: Claims, rank: int, due: Iterable[Sequence[Item]]) -> list[Item]:
    """What a pass leaves to the next."""
    gone = {item for group in due for item in group}
    return [item for item in items if claims.rank(item) > rank and item not in gone]


def _payouts(rows: Rows) -> Iterator[Item]:
    pays_out_to = dict(rows.read("select account, pays_out_to from ledger.int_ledger__accounts"))
    for key, wallet, stated_bank, number, reference, day, at, currency, amount, *rest in rows.read(PAYOUTS):
        bank = stated_bank if stated_bank in pays_out_to else pays_out_to.get(wallet)
        if wallet in pays_out_to and bank is not None:
            fee, bank_amount, bank_currency, rate = rest
            arrives = _arrives(currency, amount, fee, bank_amount, bank_currency, rate)
            yield Item(
                kind="payout",
                key=key,
                family=wallet,
                bank=bank,
                currency=bank_currency or currency,
                cents=_cents(arrives),
                day=day,
                at=float("inf") if at is None else at,
                numbers=frozenset(word for word in (number, reference) if word),
            )


def _arrives(  # noqa: PLR0917 - the columns of one row
    currency: str,
    amount: Decimal,
    fee: Decimal | None,
    bank_amount: Decimal | None,
    bank_currency: str | None,
    rate: Decimal | None,
) -> Decimal:
    """What the bank should show: the amount the source says arrives, or what was sent less its fee, converted."""
    if bank_amount is not None:
        return bank_amount
    net = amount - (fee or Decimal(0))
    return net * rate if bank_currency not in {None, currency} and rate is not None else net


def _lines(rows: Rows) -> Iterator[Item]:
    for key, account, reference, remark, day, at, currency, amount in rows.read(LINES):
        yield Item(
            kind="bank_line",
            key=key,
            family="",
            bank=account,
            currency=currency,
            cents=_cents(amount),
            day=day,
            at=float("inf") if at is None else at,
            numbers=frozenset(WORD.findall(remark or "")) | ({reference} if reference else frozenset()),
        )


def _claims(rows: Rows) -> Claims:
    legs = rows.read(
        "select record_type, record_key, match_id from marts.match_legs "
        "where level = 'payout_bank' and side <> 'adjustment'"
    )
    match_of = {(kind, key): match for kind, key, match in legs}
    return Claims(match_of, dict(rows.read("select match_id, pass from marts.matches where level = 'payout_bank'")))


def _named(items: Sequence[Item]) -> set[Pair]:
    """Pairs that name each other and nothing else."""
    lines_named: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for line in _of_kind(items, "bank_line"):
        for word in line.numbers:
            lines_named[*line.place, word].append(line)
    pairs = {
        (payout, line)
        for payout in _of_kind(items, "payout")
        for word in payout.numbers
        for line in lines_named.get((*payout.place, word), ())
    }
    return _single(pairs)


def _alike(items: Sequence[Item], spans: Windows) -> set[Pair]:
    """Pairs of one amount inside the window, each the other's only candidate."""
    pairs = {
        (payout, line)
        for group in _groups(items).values()
        for payout in group["payout"]
        for line in _within(group["bank_line"], payout, spans)
    }
    return _single(pairs)


def _compared(pairs: set[Pair], claims: Claims, rank: int) -> Iterator[Finding]:
    """Pairs that one pass should have made against those it made."""
    why, why_not = WHY[rank]
    for payout, line in sorted(pairs, key=_keys):
        if not (claims.together(payout, line) and claims.rank(payout) == rank):
            detail = f"{payout} and {line} {why}, yet {claims.state(payout)} and {claims.state(line)}"
            yield Finding("passes", PASSED_OVER, detail)
    earned = {claims.match(payout) for payout, _ in pairs}
    for match, name in sorted(claims.pass_of.items()):
        if RANKS[name] == rank and match not in earned:
            yield Finding("passes", EARNED, f"match {match} is of {name}, and its records {why_not}")


def _combinations(found: Mapping[Item, Search[Item]], claims: Claims) -> Iterator[Finding]:
    earned = set()
    for whole, search in found.items():
        if search.verdict == "found":
            yield from _claimed_whole(whole, search, claims)
            earned.add(claims.match(whole))
    for match, name in sorted(claims.pass_of.items()):
        if name == "P5" and match not in earned:
            yield Finding("passes", EARNED, f"match {match} is of P5, and it is not the only exact combination")


def _verdicts(
    items: Sequence[Item], found: Mapping[Item, Search[Item]], claims: Claims, said: Said
) -> Iterator[Finding]:
    """What open items say of their search against what it comes to."""
    unknown = dict(said)
    for item in items:
        verdict, search = unknown.pop((item.kind, item.key), None), found.get(item)
        is_claimed = claims.rank(item) != OPEN or (search is not None and search.verdict == "found")
        if not is_claimed and verdict != (search.verdict if search else None):
            yield Finding("search", SEARCHED, f"{item} says {verdict or 'no search'}, and it is {_figures(search)}")
    for (kind, key), verdict in sorted(unknown.items()):
        if verdict is not None:
            yield Finding("search", SEARCHED, f"{kind} {key} says {verdict}, and nothing is searched for it")


def _figures(search: Search[Item] | None) -> str:
    if search is None:
        return "no search: no part is in reach"
    return f"{search.verdict}: {search.part_count} parts, {search.solution_count} exact combinations"


def _claimed_whole(whole: Item, search: Search[Item], claims: Claims) -> Iterator[Finding]:
    match = claims.match(whole)
    legs = {record for record, own in claims.match_of.items() if own == match} if match else set()
    if legs != {(item.kind, item.key) for item in (whole, *search.parts)} or claims.rank(whole) != RANKS["P5"]:
        parts = ", ".join(sorted(part.key for part in search.parts))
        detail = f"{whole} is made up by {parts} and by nothing else, yet {claims.state(whole)}"
        yield Finding("passes", PASSED_OVER, detail)


def _options(items: Sequence[Item], spans: Windows) -> Iterator[tuple[Item, list[Item]]]:
    """Every possible whole with the items of the other kind that are smaller and inside the window."""
    places: dict[tuple[str, str], dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in sorted(items, key=lambda item: item.day):
        places[item.place][item.kind].append(item)
    for place in places.values():
        payouts_of: dict[Item, list[Item]] = {line: [] for line in place["bank_line"]}
        lines_of = {payout: _within(place["bank_line"], payout, spans) for payout in place["payout"]}
        for payout, lines in lines_of.items():
            for line in lines:
                payouts_of[line].append(payout)
        for whole, parts in (*payouts_of.items(), *lines_of.items()):
            yield whole, _smaller(parts, whole)


def _smaller(parts: Sequence[Item], whole: Item) -> list[Item]:
    return [part for part in parts if 0 < part.cents < whole.cents]


def _queues(items: Sequence[Item], claims: Claims, spans: Windows) -> Iterator[Finding]:
    for group in _groups(items).values():
        made = sorted(
            (payout.day, payout.at, line.day, line.at)
            for payout in group["payout"]
            for line in group["bank_line"]
            if claims.together(payout, line)
        )
        due = list(_first_in_first_out(group["payout"], group["bank_line"], spans))
        times = sorted((payout.day, payout.at, line.day, line.at) for payout, line in due)
        if made != times:
            payout, line = next(
                (pair for pair in due if not claims.together(*pair)), (group["payout"] + group["bank_line"])[:2]
            )
            detail = (
                f"first in, first out {payout} goes with {line}, yet {claims.state(payout)} and {claims.state(line)}"
            )
            yield Finding("passes", PASSED_OVER, detail)


def _first_in_first_out(payouts: Sequence[Item], lines: Sequence[Item], spans: Windows) -> Iterator[Pair]:
    waiting = iter(lines)
    line = next(waiting, None)
    for payout in payouts:
        first, last = spans.span(payout.bank, payout.day)
        while line is not None and line.day < first:
            line = next(waiting, None)
        if line is None:
            return
        if line.day <= last:
            yield payout, line
            line = next(waiting, None)


def _groups(items: Sequence[Item]) -> Mapping[tuple[str, str, int], Mapping[str, list[Item]]]:
    """Items of one bank account, currency and amount, by kind, earliest first."""
    groups: dict[tuple[str, str, int], dict[str, list[Item]]] = defaultdict(lambda: {"payout": [], "bank_line": []})
    for item in sorted(items, key=lambda item: (item.day, item.at, item.key)):
        groups[*item.place, item.cents][item.kind].append(item)
    return groups


def _within(lines: Sequence[Item], payout: Item, spans: Windows) -> Sequence[Item]:
    """Those of a list sorted by day that lie in the window of a payout."""
    first, last = spans.span(payout.bank, payout.day)
    start = bisect_left(lines, first, key=lambda line: line.day)
    return lines[start : bisect_right(lines, last, key=lambda line: line.day)]


def _single(pairs: set[Pair]) -> set[Pair]:
    """Pairs in which neither side has an alternative."""
    partners: dict[Item, int] = defaultdict(int)
    for pair in pairs:
        for item in pair:
            partners[item] += 1
    return {pair for pair in pairs if all(partners[item] == 1 for item in pair)}


def _of_kind(items: Sequence[Item], kind: str) -> Iterator[Item]:
    return (item for item in items if item.kind == kind)


def _keys(pair: Pair) -> tuple[str, str]:
    return pair[0].key, pair[1].key


def _cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
