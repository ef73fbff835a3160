"""Locked months: what is signed is worked out once more from the statements, and looked for among the decisions."""

from collections.abc import Iterator, Sequence
from typing import Final

from orchestration.proof.finding import Finding
from orchestration.proof.rows import Rows

GUARANTEE: Final = "a locked month shows the statements that two people signed"
HASHED: Final = """
    select entity, period, sha256(string_agg(statement_id || '=' || content_hash, ' ' order by statement_id))
    from marts.statements where period_kind = 'month' group by entity, period
"""
PERIODS: Final = "select entity, period, state, period_hash, signed_hash from marts.periods order by entity, period"
LOCKS: Final = """
    select record_key, record_fingerprint from marts.decisions
    where record_type = 'period' and action = 'lock' and state = 'effective' and maker <> checker
"""


def prove_periods(rows: Rows, months: Sequence[str]) -> Iterator[Finding]:
    """Months with another hash than their statements', or a lock that nobody signed; of ``months`` changed ones too."""
    if not rows.has("marts", "periods", "period_hash", "signed_hash"):
        return
    hashes = {(entity, period): digest for entity, period, digest in rows.read(HASHED)}
    is_decided = rows.has("marts", "decisions", "record_fingerprint")
    signed = set(rows.read(LOCKS)) if is_decided else set()
    for entity, period, state, period_hash, signed_hash in list(rows.read(PERIODS)):
        link = f"period {entity} {period}"
        if hashes.get((entity, period)) != period_hash:
            yield Finding(link, GUARANTEE, "its hash is not that of its statements")
        if signed_hash is not None and (f"{entity}|{period}", signed_hash) not in signed:
            yield Finding(link, GUARANTEE, f"no decision of two people signs {signed_hash}")
        if period in months and state == "changed":
            detail = f"{signed_hash} was signed, its statements are {period_hash} now; see tieout export statement"
            yield Finding(link, GUARANTEE, f"{detail} --from {period}-01 --known-on DAY for what changed")
