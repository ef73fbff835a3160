"""What can go wrong with a message.

``AlertError`` is for people: a command cannot be done as asked. ``SendError`` stays inside: ``TryAgainError`` may be
cured by waiting, ``RefusedError`` not.
"""


class AlertError(Exception):
    """A command about messages cannot be done as it was asked."""


class SendError(Exception):
    """A message was not delivered. ``unclear``: it may have been, the answer is missing."""

    def __init__(self, sentence: str, *, unclear: bool = False) -> None:
        super().__init__(sentence)
        self.unclear = unclear


class TryAgainError(SendError):
    """No connection, no answer, too many messages at once, or a fault of the other side."""


class RefusedError(SendError):
    """A wrong address, signature or password: another try would not change that."""
