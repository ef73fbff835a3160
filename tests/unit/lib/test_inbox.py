import os

from orchestration.lib.inbox import fingerprint

NOW = 1_800_000_000.0


def put(folder, name, text="x", age=60.0):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOW - age, NOW - age))


def test_an_empty_or_absent_folder_asks_for_nothing(tmp_path):
    assert fingerprint(tmp_path, NOW) is None
    assert fingerprint(tmp_path / "none", NOW) is None


def test_the_same_content_asks_once_and_another_file_asks_again(tmp_path):
    put(tmp_path, "orders.csv")
    first = fingerprint(tmp_path, NOW)
    assert first == fingerprint(tmp_path, NOW + 100)
    put(tmp_path, "deep/payments.csv")
    assert first != fingerprint(tmp_path, NOW)


def test_a_file_that_is_still_being_written_is_waited_for(tmp_path):
    put(tmp_path, "orders.csv", age=1.0)
    assert fingerprint(tmp_path, NOW) is None
    assert fingerprint(tmp_path, NOW + 60) is not None


def test_hidden_files_are_not_deliveries(tmp_path):
    put(tmp_path, ".orders.csv.tmp", age=0.0)
    assert fingerprint(tmp_path, NOW) is None
