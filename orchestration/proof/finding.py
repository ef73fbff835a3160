"""What a proof reports: a broken link of the chain from what was received to what is published."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken link: which, what it would have guaranteed, what is wrong."""

    link: str
    guarantee: str
    detail: str
