"""The lock frees itself, and says who is in the way."""

import pytest

from orchestration.settings import Busy, hold


def test_a_held_lock_is_busy_and_free_afterwards(tmp_path):
    path = tmp_path / "deep" / ".lock"
    with hold(path), pytest.raises(Busy, match="another running tieout"), hold(path):
        pass
    with hold(path, wait_seconds=None), pytest.raises(Busy), hold(path, wait_seconds=0.01):
        pass
    with hold(path):
        pass
