"""A reader in a process of its own: opens what is published again and again, and writes down what it saw.

A snapshot is whole when its tables have as many rows as its own ledger says; the Parquet folder when every file that
``current.json`` names is there with as many rows as it says.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.2


@contextmanager
def reading(folder: Path) -> Iterator[Path]:
    """Read while the block lasts; what was seen is in the file, one JSON document a line."""
    seen, stop = folder / "seen.jsonl", folder / "stop"
    seen.unlink(missing_ok=True)
    stop.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, __file__, str(folder / "data" / "published"), str(seen), str(stop)])
    try:
        yield seen
    finally:
        stop.touch()
        assert process.wait(60) == 0


def sights(seen: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines()]


def look(published: Path) -> dict[str, object]:
    """One look at the snapshot; ``torn`` lists what does not fit together."""
    with duckdb.connect(str(published / "tieout.duckdb"), read_only=True) as con:
        run, outputs = con.execute(
            "select run_id, outputs from marts.run_ledger order by sequence desc limit 1"
        ).fetchall()[0]
        status = con.execute("select run_id from marts.run_status order by finished_at desc limit 1").fetchall()[0][0]
        torn = [] if run == status else [f"ledger {run}, status {status}"]
        for table, facts in json.loads(outputs).items():
            rows = con.execute(f'select count(*) from marts."{table}"').fetchall()[0][0]
            if rows != facts["rows"]:
                torn.append(f"{table}: {rows} rows instead of {facts['rows']}")
    return {"run": run, "torn": torn}


def look_at_files(published: Path) -> dict[str, object]:
    """One look at the Parquet folder."""
    current = json.loads((published / "parquet" / "current.json").read_text(encoding="utf-8"))
    torn = []
    for table, facts in current["tables"].items():
        path = published / "parquet" / facts["path"]
        rows = duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0]
        if rows != facts["rows"]:
            torn.append(f"{table}: {rows} rows instead of {facts['rows']}")
    return {"files": current["run_id"], "torn": torn}


def _is_new(path: Path, stamps: dict[Path, tuple[int, int]]) -> bool:
    state = path.stat()
    before, stamps[path] = stamps.get(path), (state.st_ino, state.st_mtime_ns)
    return before != stamps[path]


def main(published: Path, seen: Path, stop: Path) -> None:
    stamps: dict[Path, tuple[int, int]] = {}
    places = {published / "tieout.duckdb": look, published / "parquet" / "current.json": look_at_files}
    with seen.open("w", encoding="utf-8") as out:
        while not stop.exists():
            for path, looked in places.items():
                if not path.exists():
                    continue
                try:
                    if _is_new(path, stamps):
                        out.write(json.dumps(looked(published)) + "\n")
                    elif path.suffix == ".duckdb":
                        with duckdb.connect(str(path), read_only=True) as con:
                            con.execute("select count(*) from marts.orders").fetchall()
                        out.write("{}\n")
                except Exception as error:  # noqa: BLE001 - whatever a reader trips over is what is looked for
                    out.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
                out.flush()
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
