"""A cluster of one machine: a standalone master and two workers on loopback.

And processes that run `proxeny link` as often as asked, on Spark or without.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "PROXENY_SPARK_PYTHON"
ENVIRONMENT = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    # Each of Spark's workers imports everything anew: it may keep what it compiled.
    "PYTHONDONTWRITEBYTECODE": "",
    # For a run of a minute, the better compiler costs more than it gains.
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


# Two hundred parts, Spark's own choice, are too many for a few thousand rows.
DEFAULTS = "spark.sql.shuffle.partitions 4\n"
LONGEST_S = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a command ended: its exit code, what it printed, and where."""

    code: int
    said: str
    complained: str
    scored: Path

    def read(self) -> tuple[dict[str, Any], pa.Table]:
        """The document of a run that went well, and what its guard was given."""
        assert (self.code, self.complained) == (0, "")
        return json.loads(self.said), pq.read_table(self.scored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A process that runs commands one after the other."""

    process: subprocess.Popen[str]
    errors: Path

    def link(self, folder: Path, out: Path, *options: str, master: str = "") -> Answer:
        """Link a folder; what any part of Spark prints past the command is a fault."""
        scored = out.with_suffix(".scored")
        arguments = ["link", "--reports", str(folder), "--out", str(out), *options]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = json.dumps([str(scored), master, arguments])
        print(line, file=self.process.stdin, flush=True)
        watch = threading.Timer(LONGEST_S, self.process.kill)
        watch.start()
        answer = self.process.stdout.readline()
        watch.cancel()
        assert (answer[:1], self.errors.read_text()) == ("[", "")
        code, said, complained = json.loads(answer)
        return Answer(code=code, said=said, complained=complained, scored=scored)


@contextlib.contextmanager
def start_runner(python: Path, folder: Path) -> Iterator[Runner]:
    """Give a process of an environment that answers until the end."""
    (folder / "spark-defaults.conf").write_text(DEFAULTS)
    errors = folder / "errors"
    with (
        errors.open("w") as stream,
        subprocess.Popen(
            [python, ROOT / "tests" / "engines" / "spark_run.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            env=os.environ | ENVIRONMENT | {"SPARK_CONF_DIR": str(folder)},
        ) as process,
    ):
        yield Runner(process=process, errors=errors)


def find_spark() -> tuple[Path | None, str]:
    """An interpreter that has Spark, or why there is none."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        return None, "Java is not installed"
    if find_spec("pyspark") is not None:
        return Path(sys.executable), ""
    named = os.environ.get(PYTHON)
    python = Path(named) if named else ROOT / ".venv-spark" / "bin" / "python"
    if not python.exists():
        return None, f"no environment with Spark: {PYTHON} or .venv-spark"
    return python, ""


@contextlib.contextmanager
def start_cluster(python: Path, folder: Path) -> Iterator[str]:
    """Give the address of a master with two workers; they are stopped at the end."""
    home = subprocess.run(
        [python, "-c", "import pyspark; print(pyspark.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    master = f"spark://127.0.0.1:{_find_port()}"
    port = master.rpartition(":")[2]
    loopback = ("--host", "127.0.0.1", "--webui-port", "0")
    bounds = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "workers"))
    worker = ("Worker", *loopback, *bounds, master)
    commands = (("Master", *loopback, "--port", port), worker, worker)
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "cluster.log").open("w"))
        for name, *options in commands:
            part = name.lower()
            process = subprocess.Popen(
                [
                    f"{home}/bin/spark-class",
                    f"org.apache.spark.deploy.{part}.{name}",
                    *options,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ
                | {"SPARK_HOME": home, "SPARK_LOCAL_DIRS": str(folder / "spilled")}
                | {"PYSPARK_PYTHON": str(python)}
                | ENVIRONMENT,
            )
            stack.callback(_stop, process)
        yield master


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
