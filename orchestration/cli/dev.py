"""``tieout dev``: Dagster's UI and daemon on this machine, and the sandbox when the settings use one."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from orchestration.cli.edge import DONE, RED, UsageError
from orchestration.cli.host import instance_of
from orchestration.cli.sandbox import sandbox_for
from orchestration.settings import load

HOST = "127.0.0.1"
STOP_SECONDS = 20


def serve_ui(config: Path, port: int) -> int:
    """Runs until interrupted; what it started ends with it."""
    settings = load(config)
    _check_free(port)
    with sandbox_for(settings) as url, instance_of(settings) as instance:
        from orchestration.lib.healing import heal
        from orchestration.lib.keys import CODE_LOCATION

        heal(instance, settings.data_dir)
        sys.stdout.write(f"Dagster UI: http://{HOST}:{port}\n")
        if url is not None:
            sys.stdout.write(f"sandbox:    {url}\n")
        sys.stdout.flush()
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-m", CODE_LOCATION, "-h", HOST, "-p", str(port)],
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            start_new_session=True,
        )
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            code = 0
        finally:
            _stop(process)
    return DONE if code == 0 else RED


def _check_free(port: int) -> None:
    import socket

    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise UsageError(f"port {port} on {HOST} is taken: stop what runs there, or choose another with --port")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ends the whole group: the UI starts a daemon and code servers of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
