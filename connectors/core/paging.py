"""Walking through pages so that nothing is skipped and nothing goes round in circles.

How a page is asked for is not known here; it comes in as a function.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.core.errors import PagingError

Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Page(Generic[Body]):
    """One numbered page: its body, the keys of its records, and how many records the source says exist."""

    body: Body
    keys: tuple[str, ...]
    total: int


def backward_pages(
    get: Callable[[int], Page[Body]], total: int, page_size: int, limit: int
) -> Iterator[tuple[int, Page[Body]]]:
    """Yield (number, page) from the last page to the first.

    A record modified meanwhile leaves the window, and the records behind it move towards the first page, so
    walking backwards can show one twice but never skip one. Records that enter meanwhile are for the next window.
    """
    last = -(-total // page_size)
    if last > limit:
        raise PagingError(f"{last} pages are more than the {limit} we ask for; choose a shorter window")
    seen: set[str] = set()
    before: tuple[str, ...] = ()
    remaining = total
    for number in range(last, 0, -1):
        page = get(number)
        if len(page.keys) > page_size:
            raise PagingError(f"page {number} holds {len(page.keys)} records, asked were at most {page_size}")
        if page.keys and page.keys == before:
            raise PagingError(f"page {number} repeats page {number + 1}")
        before = page.keys
        seen.update(page.keys)
        remaining = min(remaining, page.total)
        yield number, page
    if len(seen) < remaining:
        raise PagingError(f"the pages held {len(seen)} different records, the source counts {remaining}")
