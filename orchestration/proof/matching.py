"""Proving in plain Python that what is published as matched keeps the rules; it shares no SQL with the matcher.

Two things hold for every level: a record is claimed once, and the legs of a match add up, with what they leave over as
a leg of its own. That no better candidate was passed over, and that a search for combinations said what it came to, is
proven where the rules are the same for every source: payouts with bank credits in ``payouts``, orders with payments by
their number in ``numbers``. Of the other levels only claims and sums are proven.

Each question stops at its first ``SHOWN`` findings, so that a broken warehouse is reported as fast as a sound one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, Final

import duckdb

from orchestration.proof.finding import Finding
from orchestration.proof.numbers import passed_over_numbers
from orchestration.proof.payouts import broken_payouts
from orchestration.proof.rows import Rows

SHOWN: Final = 100
ADDS_UP: Final = "the legs of a match add up, with what they leave over as a leg of its own"
CLAIMED_ONCE: Final = "a record is claimed once"
EXACT: Final = frozenset({"matched", "provisional"})
"""A match of these statuses leaves nothing over."""
LEFT: Final = 1
RIGHT: Final = 2
BOTH: Final = LEFT | RIGHT
MAY_LACK: Final = {"order_shipment": RIGHT}
"""An order that says itself that it was shipped keeps its promise without a parcel."""

# whole cents: a Decimal costs more than the rest of its row
MATCHES_AND_LEGS: Final = """
    select
        match_id, 'match' as what, status as word, level, currency,
        cast(left_amount * 100 as bigint) as amount, cast(right_amount * 100 as bigint) as right_amount,
        cast(difference * 100 as bigint) as difference
    from marts.matches
    where hash(match_id) % {slices} = {number}
    union all
    select match_id, record_type, side, level, currency, cast(amount * 100 as bigint), null, null
    from marts.match_legs
    where hash(match_id) % {slices} = {number}
    order by match_id
"""
CLAIMS: Final = """
    select level, record_type, record_key, match_id from marts.match_legs
    where side <> 'adjustment' and hash(record_key) % {slices} = {number}
    union all
    select level, record_type, record_key, null from marts.open_items
    where hash(record_key) % {slices} = {number}
    order by level, record_type, record_key
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found, and from how many rows."""

    findings: list[Finding]
    rows: int


def prove_matching(connection: duckdb.DuckDBPyConnection, months: tuple[str, ...] = ()) -> Proof:
    """Everything about matching that this warehouse or snapshot holds the records for.

    ``months`` limits claims and sums to matches and open items of these business months.
    """
    rows = Rows(connection)
    if not all(rows.has("marts", table) for table in ("matches", "match_legs", "open_items")):
        return Proof([], rows.count)
    if not rows.has("marts", "match_legs", "level", "currency"):
        detail = "a version of tieout published it that did not name the level and currency of a leg: run again"
        return Proof([Finding("claims", CLAIMED_ONCE, detail)], rows.count)
    findings = [
        *_of_months(rows, islice(twice_claimed(rows), SHOWN), months),
        *_of_months(rows, islice(wrong_sums(rows), SHOWN), months),
    ]
    if not months:
        for question in (passed_over_numbers(rows), broken_payouts(rows)):
            findings += islice(question, SHOWN)
    return Proof(findings, rows.count)


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding about matches, before it is asked whether they belong to the period in question."""

    finding: Finding
    match_ids: tuple[str, ...]
    record: tuple[str, str] | None = None


def twice_claimed(rows: Rows) -> Iterator[Broken]:
    """Records in two matches of a level, or in a match and open. Reads in their order and remembers one of them."""
    last: list[Any] = []
    matches: list[str | None] = []
    for *record, match_id in chain(rows.read_sliced(CLAIMS, "match_legs"), [(None, None, None, None)]):
        if record == last:
            matches.append(match_id)
            continue
        if len(matches) > 1:
            yield _claimed_twice(last, matches)
        last, matches = record, [match_id]


def _claimed_twice(record: list[str], claims: list[str | None]) -> Broken:
    level, kind, key = record
    matches = sorted(match for match in claims if match is not None)
    places = [f"{len(matches)} matches" if len(matches) > 1 else f"match {matches[0]}"] if matches else []
    places += [f"{claims.count(None)} open items"] if claims.count(None) > 1 else ["open"] * claims.count(None)
    finding = Finding("claims", CLAIMED_ONCE, f"{kind} {key} is in {' and '.join(places)} of {level}")
    return Broken(finding, tuple(matches), (kind, key) if None in claims else None)


def wrong_sums(rows: Rows) -> Iterator[Broken]:
    """Matches whose legs do not add up, or are not there. Reads match by match and remembers one of them."""
    for match_id, group in groupby(rows.read_sliced(MATCHES_AND_LEGS, "match_legs"), key=itemgetter(0)):
        members = list(group)
        matches = [row for row in members if row[1] == "match"]
        if len(matches) != 1:
            reason = f"is there {len(matches)} times and has {len(members) - len(matches)} legs"
            yield Broken(Finding("claims", CLAIMED_ONCE, f"match {match_id} {reason}"), (match_id,))
        else:
            legs = add_up(matches[0], members)
            if not legs.sound:
                yield Broken(Finding("sums", ADDS_UP, f"match {match_id} {legs.reason()}"), (match_id,))


@dataclass(frozen=True, slots=True)
class Legs:
    """What one match says of itself, and what its legs come to, in cents."""

    match: tuple[Any, ...]
    left: int
    right: int
    adjusted: int
    rest: int
    rests: int
    sides: int
    odd: str

    @property
    def sound(self) -> bool:
        """Whether the match keeps every promise about its legs."""
        _, _, status, _, _, left, right, difference = self.match
        return (
            self.left + self.adjusted == left
            and self.right == right
            and right - left == difference == self.rest
            and self.rests == (difference != 0)
            and self.complete
            and not self.odd
            and (difference == 0 or status not in EXACT)
        )

    @property
    def complete(self) -> bool:
        """Whether there are legs on both sides."""
        return self.sides == BOTH or self.sides | MAY_LACK.get(self.match[3], 0) == BOTH

    def reason(self) -> str:
        """The first promise that is broken."""
        _, _, status, level, _, left, right, difference = self.match
        if None in {left, right, difference}:
            return f"of {level} does not state its amounts"
        reasons = (
            (not self.complete, f"of {level} lacks the legs of a side"),
            (bool(self.odd), self.odd),
            (
                self.left + self.adjusted != left,
                f"says {_money(left)} on its left, its legs make {_money(self.left + self.adjusted)}",
            ),
            (self.right != right, f"says {_money(right)} on its right, its legs make {_money(self.right)}"),
            (difference != right - left, f"says a difference of {_money(difference)}, not {_money(right - left)}"),
            (
                status in EXACT and difference != 0,
                f"is {status} with a difference of {_money(difference)}",
            ),
            (self.rest != difference, f"leaves {_money(difference)} over, its adjustment leg {_money(self.rest)}"),
        )
        return next((text for broken, text in reasons if broken), f"has {self.rests} legs for what it leaves over")


def add_up(match: tuple[Any, ...], members: Iterable[tuple[Any, ...]]) -> Legs:
    """The legs among the members of one match."""
    _, _, _, level, currency, *_ = match
    left = right = adjusted = rest = rests = sides = 0
    odd = ""
    for _, kind, side, leg_level, leg_currency, stated, _, _ in members:
        if kind == "match":
            continue
        amount = stated or 0
        if side == "left":
            left += amount
            sides |= LEFT
        elif side == "right":
            right += amount
            sides |= RIGHT
        elif kind == "difference":
            rest += amount
            rests += 1
        else:
            adjusted += amount
        if stated is None:
            odd = f"of {level} has a leg without an amount"
        elif leg_level != level:
            odd = f"of {level} has a leg of {leg_level}"
        elif leg_currency != currency:
            odd = f"in {currency} has a leg in {leg_currency}"
    return Legs(match, left, right, adjusted, rest, rests, sides, odd)


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _of_months(rows: Rows, found: Iterable[Broken], months: tuple[str, ...]) -> list[Finding]:
    """Those that touch the period; the days are asked only for what is broken."""
    broken = list(found)
    if not months:
        return [each.finding for each in broken]
    return [each.finding for each in broken if _days(rows, each) & set(months)]


def _days(rows: Rows, broken: Broken) -> set[str]:
    days = [
        day
        for match_id in broken.match_ids
        for (day,) in rows.read("select business_date from marts.matches where match_id = $match", {"match": match_id})
    ]
    if broken.record is not None:
        sql = "select business_date from marts.open_items where record_type = $kind and record_key = $key"
        kind, key = broken.record
        days += [day for (day,) in rows.read(sql, {"kind": kind, "key": key})]
    return {day.isoformat()[:7] for day in days if day is not None}
