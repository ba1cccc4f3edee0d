#!/usr/bin/env python3
"""Set up, run, check and measure Proxeny with the standard library alone.

    python3 dev.py demo      sets up, runs the whole thread once, then serves the pages
    python3 dev.py test      sets up, runs every test (SQLite, PostgreSQL, browser)

Also: setup, check (ruff, mypy, import-linter, tests), lock, assets, and
bench [calibration|extract|linking|online|sketch|spark ...] [options of a benchmark].
What follows a `--` or an unknown word is handed on, as in `dev.py test -k iban`.
"""

import argparse
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
# What touches a database runs on both; the rest need not run twice.
ON_POSTGRES = ("tests/node", "tests/api", "tests/federation")
# By environment; each file holds all that the files before it hold. Peers and Spark ask
# for packages that would bend what is tested, so they live apart.
SETS = {
    ".venv": ("requirements.txt", "requirements-dev.txt"),
    ".venv-bench": ("requirements-bench.txt",),
    ".venv-spark": ("requirements-spark.txt",),
}
BENCHES = {
    "calibration": ".venv-bench",
    "extract": ".venv-bench",
    "linking": ".venv-bench",
    "online": ".venv-bench",
    "sketch": ".venv-bench",
    "spark": ".venv-spark",
}
OLDEST = (3, 11)


def scripts(environment: Path = ENVIRONMENT) -> Path:
    """Where an environment keeps its programs."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def python(environment: Path = ENVIRONMENT) -> Path:
    """The interpreter of an environment."""
    return scripts(environment) / ("python.exe" if os.name == "nt" else "python")


def main() -> int:
    """Run one task; return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=sorted(TASKS), help="what to do")
    arguments, rest = parser.parse_known_args()
    if sys.version_info < OLDEST:
        tell("Python 3.11 or newer is needed: install it and run this again with it.")
        return 2
    rest = rest[1:] if rest[:1] == ["--"] else rest
    try:
        TASKS[arguments.task](rest)
    except subprocess.CalledProcessError as error:
        tell(f"failed ({error.returncode}): {' '.join(map(str, error.cmd))[:200]}")
        return error.returncode if error.returncode in range(1, 256) else 1
    except KeyboardInterrupt:
        return 130
    return 0


def setup(rest: list[str]) -> None:
    """Everything that checks and tests need."""
    del rest
    install("requirements-dev.txt")


def demo(rest: list[str]) -> None:
    """The thread from a report to another country's answer."""
    install("requirements.txt")
    run([scripts() / "proxeny", "demo", *rest])


def test(rest: list[str]) -> None:
    """Every test: on SQLite with the browser, then the node's again on PostgreSQL."""
    install("requirements-dev.txt")
    pytest = [python(), "-m", "pytest"]
    run([*pytest, *rest])
    if not rest:
        run([*pytest, *ON_POSTGRES], PROXENY_TEST_DB="postgres")


def check(rest: list[str]) -> None:
    """Style, types, layers, then every test; in CI nothing may be skipped."""
    install("requirements-dev.txt")
    run([python(), "-m", "ruff", "check"])
    run([python(), "-m", "ruff", "format", "--check"])
    run([python(), "-m", "mypy"])
    run([scripts() / "lint-imports"])
    if os.environ.get("CI"):
        spark = ROOT / ".venv-spark"
        install(SETS[spark.name][0], spark)
        os.environ["PROXENY_TEST_REQUIRE"] = "browser,real_data,spark"
    test(rest)


def bench(rest: list[str]) -> None:
    """Benchmarks, each against named peers in the same run; options are handed on."""
    named = list(itertools.takewhile(lambda word: not word.startswith("-"), rest))
    options = rest[len(named) :]
    if unknown := set(named) - BENCHES.keys():
        raise SystemExit(
            f"No benchmark {min(unknown)}: there are {', '.join(BENCHES)}."
        )
    for name in named or BENCHES:
        environment = ROOT / BENCHES[name]
        install(SETS[environment.name][0], environment)
        run([python(environment), ROOT / "bench" / f"{name}.py", *options])


def lock(rest: list[str]) -> None:
    """Compile the hash-locked requirements; `--upgrade` takes newer versions."""
    install("requirements-setup.txt")
    compile_ = [
        *(scripts() / "uv", "pip", "compile", "--quiet", "--universal"),
        *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
        *("--no-emit-find-links", "--no-header", "--no-annotate", *rest),
    ]
    run([*compile_, "requirements-setup.in", "-o", "requirements-setup.txt"])
    run([*compile_, "pyproject.toml", "-o", "requirements.txt"])
    for name in ("dev", "bench", "spark"):
        source = f"requirements-{name}.in"
        run([*compile_, source, "-o", f"requirements-{name}.txt"])


def assets(rest: list[str]) -> None:
    """Rebuild the committed assets (maintainers; needs Node)."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to rebuild the assets; users never need it.")
    frontend = ROOT / "frontend"
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=frontend)
    run([npm, "run", "build", *rest], cwd=frontend)


TASKS = {
    task.__name__: task for task in (setup, demo, test, check, bench, lock, assets)
}


def install(requirements: str, environment: Path = ENVIRONMENT) -> None:
    """Make an environment hold exactly a locked set, and this checkout."""
    if not python(environment).exists():
        tell(f"setting up {environment.name}")
        venv.create(environment, with_pip=True)
    sets = SETS[environment.name]
    wanted = fingerprint(requirements)
    if requirements in sets and any(
        (note := stamp(name, environment)).exists()
        and note.read_text() == fingerprint(name)
        for name in sets[sets.index(requirements) :]
    ):
        return
    started = time.monotonic()
    tell(f"installing what {requirements} locks")
    hashed = ["--require-hashes", "-r"]
    try:
        pip(environment, *hashed, ROOT / "requirements-setup.txt")
        uv = [scripts(environment) / "uv", "--quiet", "pip", "install"]
        locked = [*hashed, ROOT / requirements]
        run([*uv, "--python", python(environment), *locked])
    except subprocess.CalledProcessError:
        tell("uv could not do it; the same with pip (slower)")
        pip(environment, *hashed, ROOT / requirements)
    if requirements in sets:
        pip(
            environment,
            *("--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT),
        )
        stamp(requirements, environment).write_text(wanted)
    tell(f"installed in {time.monotonic() - started:.0f} s")


def pip(environment: Path, *arguments: str | Path) -> None:
    """Run an environment's own pip install, quietly."""
    run(
        [python(environment), "-m", "pip", "install", "--quiet", *arguments],
        PIP_NO_INPUT="1",
    )


def stamp(requirements: str, environment: Path) -> Path:
    """Where an environment notes which locked set it holds."""
    return environment / f"{requirements}.installed"


def fingerprint(requirements: str) -> str:
    """Changes when the locked set or the package's own description changes."""
    text = b"".join(
        (ROOT / name).read_bytes() for name in (requirements, "pyproject.toml")
    )
    return hashlib.sha256(text).hexdigest()


def run(command: list[str | Path], *, cwd: Path = ROOT, **environment: str) -> None:
    """Run a command in the project; its failure ends the task."""
    subprocess.run(
        list(map(str, command)), check=True, cwd=cwd, env=os.environ | environment
    )


def tell(text: str) -> None:
    """One line of progress."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
