import json

from orchestration.lib.failures import note


def test_each_failure_is_one_line(tmp_path):
    note(tmp_path, {"run_id": "a", "message": "磁盘已满\nno more"})
    path = note(tmp_path, {"run_id": "b"})
    assert ["a", "b"] == [json.loads(line)["run_id"] for line in path.read_text(encoding="utf-8").splitlines()]
