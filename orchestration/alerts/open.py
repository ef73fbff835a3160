"""What is open in the published snapshot, gathered into incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from orchestration.settings import Settings
from orchestration.warehouse.published import read_published

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# the signature is that of the published incidents, so that one exception keeps its number when a second one joins it
OPEN: Final = """
    with

    open_ones as (

        select
            *,
            code || '|' || coalesce(entity, '') || '|' || coalesce(account, platform, connection, '') || '|'
            || coalesce(currency, '') as signature
        from marts.exceptions
        where status not in ('timing', 'cleared') and parent_exception_id is null

    )

    select
        md5('incident|' || signature) as incident_id,
        any_value(code) as code,
        any_value(name) as name,
        any_value(name_zh) as name_zh,
        min(severity) as severity,
        any_value(owner) as role,
        case
            when count(distinct assignee) = 1 and count(assignee) = count(*) then any_value(assignee)
        end as assignee,
        any_value(entity) as entity,
        any_value(coalesce(account, platform, connection)) as place,
        count(*) as items,
        cast(sum(abs(coalesce(open_amount, amount))) as varchar) as amount,
        any_value(currency) as currency,
        min(first_seen_on) as first_seen_on,
        epoch_us(min(due_at)) as due_at,
        any_value(suggested_action) as action,
        any_value(suggested_action_zh) as action_zh
    from open_ones
    group by signature
    order by severity, due_at nulls last, incident_id
"""


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Open exceptions of one code, entity, place and currency; one alone is an incident too.

    ``recipient`` is the person who has all of them, else the role; ``amount`` is what is open, as published.
    """

    incident_id: str
    code: str
    name: str
    name_zh: str
    severity: str
    role: str
    recipient: str
    entity: str
    place: str
    items: int
    amount: Decimal | None
    currency: str
    first_seen_on: date | None
    due_at: datetime | None
    action: str
    action_zh: str


def open_incidents(settings: Settings) -> Sequence[OpenIncident]:
    """Gravest first; none before the first publication."""
    return [_incident(row) for row in read_published(settings, OPEN, {})]


def _incident(row: Sequence[Any]) -> OpenIncident:
    number, code, name, name_zh, severity, role, assignee, entity, place, items, amount, currency, *dates = row
    first, due, action, action_zh = dates
    return OpenIncident(
        incident_id=number,
        code=code,
        name=name,
        name_zh=name_zh,
        severity=severity,
        role=role or "",
        recipient=assignee or role or "",
        entity=entity or "",
        place=place or "",
        items=items,
        amount=None if amount is None else Decimal(amount),
        currency=currency or "",
        first_seen_on=first,
        due_at=None if due is None else EPOCH + timedelta(microseconds=due),
        action=action or "",
        action_zh=action_zh or "",
    )
