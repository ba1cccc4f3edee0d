"""A cluster of one machine: a standalone master and two workers on loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "PROXENY_SPARK_PYTHON"
ENVIRONMENT = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    # For a run of a minute, the better compiler costs more than it gains.
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


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
