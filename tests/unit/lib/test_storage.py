import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from orchestration.cli.host import dagster_home
from orchestration.lib.storage import KeptSqliteEventLogStorage


@dg.asset
def one() -> int:
    return 1


def test_the_overridden_method_still_exists_in_the_library():
    assert callable(SqliteEventLogStorage._connect)


def test_the_instance_uses_it_and_either_class_reads_what_the_other_wrote(tmp_path, monkeypatch):
    home = dagster_home(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.event_log_storage, KeptSqliteEventLogStorage)
        result = dg.materialize([one], instance=instance)
        written = len(instance.all_logs(result.run_id))
    library = SqliteEventLogStorage(str(home / "history" / "runs"))
    assert written == len(library.get_logs_for_run(result.run_id))


def test_only_a_few_files_stay_open(tmp_path):
    storage = KeptSqliteEventLogStorage(str(tmp_path))
    for number in range(40):
        with storage.run_connection(f"run-{number}"):
            pass
    assert len(storage._engines) <= 16
    storage.dispose()
    assert not storage._engines


def test_the_home_is_configured_once_and_then_left_alone(tmp_path):
    config = dagster_home(tmp_path) / "dagster.yaml"
    config.write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    dagster_home(tmp_path)
    assert "telemetry: {enabled: false}\n" == config.read_text(encoding="utf-8")
