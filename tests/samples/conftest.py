"""Files that others wrote, below SAMPLES_DIR. Where they are absent, a test says so and is skipped."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.core.inspect import inspect_file

SAMPLES = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples"


@pytest.fixture
def sample() -> Callable[[str], Path]:
    def found(name: str) -> Path:
        path = SAMPLES / name
        if not path.exists():
            pytest.skip(f"sample {name} is not below SAMPLES_DIR ({SAMPLES.parent})")
        return path

    return found


@pytest.fixture
def inspected(sample) -> Callable[[str], dict[str, Any]]:
    return lambda name: inspect_file(sample(name))
