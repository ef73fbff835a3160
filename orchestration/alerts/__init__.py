"""Messages about what is open and what failed: one per incident to its owner, kept until it is delivered.

What is open is read from the published snapshot; nothing here changes a record, and nothing here fails a run.
No buyer, order or number of theirs stands in a message.
"""

from orchestration.alerts.deliver import Delivery, Tools, deliver, send_test
from orchestration.alerts.errors import AlertError
from orchestration.alerts.plan import Planned, note_failure, plan
from orchestration.alerts.snooze import snooze
from orchestration.alerts.store import AlertStore, Incident, Message, store_of

__all__ = [
    "AlertError",
    "AlertStore",
    "Delivery",
    "Incident",
    "Message",
    "Planned",
    "Tools",
    "deliver",
    "note_failure",
    "plan",
    "send_test",
    "snooze",
    "store_of",
]
