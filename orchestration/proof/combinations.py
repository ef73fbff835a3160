"""The bounded search for items that make up another exactly: over whole cents, to the end or not begun."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

LIMIT: Final = 12
"""Parts that a search combines at most; a whole with more in any family is not searched."""


class Sized(Protocol):
    """What a search needs to know of an item."""

    @property
    def cents(self) -> int:
        """Its amount."""

    @property
    def family(self) -> str:
        """Only items of one family are combined."""


Item = TypeVar("Item", bound=Sized)


@dataclass(frozen=True, slots=True)
class Search(Generic[Item]):
    """What the search for one whole came to; ``parts`` are those of its only combination."""

    part_count: int
    solution_count: int
    verdict: str
    parts: tuple[Item, ...] = ()


def searches(options: Iterable[tuple[Item, Sequence[Item]]]) -> Mapping[Item, Search[Item]]:
    """For each whole that has parts at all: found, none_exists, several, contested or stopped_at_limit."""
    counts: dict[Item, int] = {}
    solved: dict[Item, list[tuple[Item, ...]]] = {}
    for whole, parts in options:
        families: dict[str, list[Item]] = defaultdict(list)
        for part in parts:
            families[part.family].append(part)
        if families:
            counts[whole] = max(len(family) for family in families.values())
        if families and counts[whole] <= LIMIT:
            solved[whole] = [found for family in families.values() for found in combinations(whole.cents, family)]
    wanted = Counter(part for solutions in solved.values() for solution in solutions for part in solution)
    single = {
        whole: solutions[0]
        for whole, solutions in solved.items()
        if len(solutions) == 1 and all(wanted[part] == 1 for part in solutions[0])
    }
    # a part that is a whole elsewhere would be claimed twice
    crossed = {each for whole, parts in single.items() for part in parts if part in single for each in (whole, part)}
    return {
        whole: _judged(count, solved.get(whole), () if whole in crossed else single.get(whole, ()))
        for whole, count in counts.items()
    }


def _judged(part_count: int, solutions: list[tuple[Item, ...]] | None, claimed: tuple[Item, ...]) -> Search[Item]:
    if solutions is None:
        return Search(part_count, 0, "stopped_at_limit")
    if not solutions:
        return Search(part_count, 0, "none_exists")
    if len(solutions) > 1:
        return Search(part_count, len(solutions), "several")
    return Search(part_count, 1, "found" if claimed else "contested", claimed)


def combinations(target: int, parts: Sequence[Item]) -> list[tuple[Item, ...]]:
    """Every set of the parts that makes exactly the target: half of them against the other half."""
    middle = len(parts) // 2
    by_sum: dict[int, list[tuple[Item, ...]]] = defaultdict(list)
    for chosen in _subsets(parts[:middle]):
        by_sum[sum(part.cents for part in chosen)].append(chosen)
    return [
        first + chosen
        for chosen in _subsets(parts[middle:])
        for first in by_sum.get(target - sum(part.cents for part in chosen), ())
    ]


def _subsets(parts: Sequence[Item]) -> list[tuple[Item, ...]]:
    subsets: list[tuple[Item, ...]] = [()]
    for part in parts:
        subsets += [(*subset, part) for subset in subsets]
    return subsets
