"""Measuring: CPU of this process or of a child, wall time beside it, medians of a few, floor and candidate in turn."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RED: Final = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took."""

    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing beside its floor."""

    name: str
    cost: Cost
    floor: Cost
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the floor's CPU."""
        return self.cost.cpu_seconds / self.floor.cpu_seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one benchmark found: table lines, and its JSON figures."""

    lines: Sequence[Line]
    figures: Mapping[str, float]


def timed(work: Callable[[], object]) -> Cost:
    """CPU of all threads of this process, and wall time."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def in_turn(works: Mapping[str, Callable[[], object]], rounds: int = 3) -> Mapping[str, Cost]:
    """Each work once per round, so that a busy moment hits all of them; medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(timed(work))
    return {name: median(found) for name, found in costs.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.cpu_seconds for cost in costs), statistics.median(cost.wall_seconds for cost in costs)
    )


def child(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """CPU and wall of a Python process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode == RED:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr.strip()[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - wall)


def peak_megabytes() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
