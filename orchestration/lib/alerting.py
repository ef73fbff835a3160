"""Makes the alerts asset, and tells of failed runs. Whatever goes wrong with a message is told, and fails nothing."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dagster as dg
import requests

from orchestration.alerts import Delivery, Planned, Tools, deliver, note_failure, plan
from orchestration.lib.clock import machine_now
from orchestration.lib.day import Day
from orchestration.lib.keys import ALERTS, OWNERS, POOL, PUBLISH, TOLD
from orchestration.settings import Settings


@dataclass(frozen=True, slots=True)
class Told:
    """What was written and sent; ``problem`` is empty when nothing waits."""

    planned: Planned
    delivery: Delivery
    problem: str = ""


def alerts_asset(settings: Settings, days: dg.PartitionsDefinition[str]) -> Sequence[dg.AssetsDefinition]:
    """The one asset; none where the settings have no ``[alerts]``."""
    if settings.alerts is None:
        return ()

    @dg.asset(
        key=ALERTS,
        deps=[PUBLISH],
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="alerts",
        kinds={"python"},
        owners=list(OWNERS),
        pool=POOL,
        required_resource_keys={"day"},
        check_specs=[
            dg.AssetCheckSpec(
                TOLD, asset=ALERTS, blocking=False, description="Every message was delivered; what was not, waits."
            )
        ],
        description=(
            "One message per incident to its owner, to the second when time is up, and an all clear when it is gone. "
            "Compared with what was told before; what cannot be delivered waits and fails nothing."
        ),
    )
    def messages(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        day: Day = context.resources.day
        day.progress.begin("alerts")
        told = tell(day.settings, day.as_of)
        day.progress.end("alerts")
        yield dg.MaterializeResult(metadata=facts(told), check_results=[told_check(told)])

    return (messages,)


def facts(told: Told) -> Mapping[str, dg.MetadataValue]:
    """What was written and sent, for the UI."""
    names = ("raised", "reminded", "escalated", "cleared", "snoozed")
    return {
        **{name: dg.MetadataValue.int(getattr(told.planned, name)) for name in names},
        "sent": dg.MetadataValue.int(told.delivery.sent),
        "waiting": dg.MetadataValue.int(told.delivery.waiting),
        "maybe twice": dg.MetadataValue.int(told.delivery.repeated),
    }


def told_check(told: Told) -> dg.AssetCheckResult:
    """A warning with its reasons when something waits."""
    return dg.AssetCheckResult(
        check_name=TOLD,
        passed=not told.problem,
        severity=dg.AssetCheckSeverity.WARN,
        description=told.problem or None,
    )


def tell(settings: Settings, as_of: datetime) -> Told:
    """Write and send what the published snapshot asks for; never raises."""
    planned, delivery = Planned(), Delivery()
    if settings.alerts is None:
        return Told(planned, delivery)
    try:
        planned = plan(settings, settings.alerts, as_of, machine_now())
        delivery = send_waiting(settings)
    except Exception as error:  # noqa: BLE001 - a message never fails a run
        return Told(planned, delivery, _odd(error))
    older = "what was told is of a later time than this snapshot: nothing new is said" if planned.is_older else ""
    return Told(planned, delivery, "; ".join(filter(None, (older, delivery.sentence()))))


def tell_failure(settings: Settings, run_id: str, as_of: str, steps: Sequence[str]) -> str:
    """Tell that a run failed, once per run; never raises. What went wrong with it, else nothing."""
    if settings.alerts is None:
        return ""
    try:
        note_failure(settings, run_id, as_of, steps, machine_now())
        return send_waiting(settings).sentence()
    except Exception as error:  # noqa: BLE001 - it is told beside a failure that matters more
        return _odd(error)


def send_waiting(settings: Settings) -> Delivery:
    """Send what waits; nothing where the settings have no ``[alerts]``."""
    if settings.alerts is None:
        return Delivery()
    with requests.Session() as session:
        return deliver(settings, settings.alerts, settings.environ, tools_of(session))


def tools_of(session: requests.Session) -> Tools:
    """A session with this machine's clock."""
    return Tools(session, machine_now, time.sleep)


def _odd(error: Exception) -> str:
    return f"messages could not be written or sent ({type(error).__name__}: {error}); tieout alerts send tries again"
