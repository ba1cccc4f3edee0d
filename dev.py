#!/usr/bin/env python3
"""Set up, run, check and measure Proxeny with the standard library alone.

    python3 dev.py demo      sets up, runs the whole thread once, then serves the pages
    python3 dev.py test      sets up, runs every test (SQLite, PostgreSQL, browser)

Also: setup, check (ruff, mypy, import-linter, tests), bench [NAME], lock, assets.
What follows a `--` or an unknown word is handed on, as in `dev.py test -k iban`.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
# What touches a database runs on both; the rest need not run twice.
ON_POSTGRES = ("tests/node", "tests/api", "tests/federation")
# Each file holds all that the files before it hold.
SETS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
OLDEST = (3, 11)


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
    run([SCRIPTS / "proxeny", "demo", *rest])


def test(rest: list[str]) -> None:
    """Every test: on SQLite with the browser, then the node's again on PostgreSQL."""
    install("requirements-dev.txt")
    pytest = [PYTHON, "-m", "pytest"]
    run([*pytest, *rest])
    if not rest:
        run([*pytest, *ON_POSTGRES], PROXENY_TEST_DB="postgres")


def check(rest: list[str]) -> None:
    """Style, types, layers, then every test; in CI nothing may be skipped."""
    install("requirements-dev.txt")
    run([PYTHON, "-m", "ruff", "check"])
    run([PYTHON, "-m", "ruff", "format", "--check"])
    run([PYTHON, "-m", "mypy"])
    run([SCRIPTS / "lint-imports"])
    if os.environ.get("CI"):
        os.environ["PROXENY_TEST_REQUIRE"] = "browser,real_data"
    test(rest)


def bench(rest: list[str]) -> None:
    """Benchmarks, each against a named peer in the same run."""
    install("requirements-bench.txt")
    names = rest or sorted(path.stem for path in (ROOT / "bench").glob("*.py"))
    for name in names:
        run([PYTHON, ROOT / "bench" / f"{name}.py"])


def lock(rest: list[str]) -> None:
    """Compile the hash-locked requirements; `--upgrade` takes newer versions."""
    install("requirements-setup.txt")
    compile_ = [
        *(SCRIPTS / "uv", "pip", "compile", "--quiet", "--universal"),
        *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
        *("--no-emit-find-links", "--no-header", "--no-annotate", *rest),
    ]
    run([*compile_, "requirements-setup.in", "-o", "requirements-setup.txt"])
    run([*compile_, "pyproject.toml", "-o", "requirements.txt"])
    for name in ("dev", "bench"):
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


def install(requirements: str) -> None:
    """Make the environment hold exactly a locked set, and this checkout."""
    if not PYTHON.exists():
        tell("setting up .venv")
        venv.create(ENVIRONMENT, with_pip=True)
    wanted = fingerprint(requirements)
    if requirements in SETS and any(
        stamp(name).exists() and stamp(name).read_text() == fingerprint(name)
        for name in SETS[SETS.index(requirements) :]
    ):
        return
    started = time.monotonic()
    tell(f"installing what {requirements} locks")
    hashed = ["--require-hashes", "-r"]
    try:
        pip(*hashed, ROOT / "requirements-setup.txt")
        uv = [SCRIPTS / "uv", "--quiet", "pip", "install", "--python", PYTHON]
        run([*uv, *hashed, ROOT / requirements])
    except subprocess.CalledProcessError:
        tell("uv could not do it; the same with pip (slower)")
        pip(*hashed, ROOT / requirements)
    if requirements in SETS:
        pip("--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT)
        stamp(requirements).write_text(wanted)
    tell(f"installed in {time.monotonic() - started:.0f} s")


def pip(*arguments: str | Path) -> None:
    """Run the environment's own pip install, quietly."""
    run([PYTHON, "-m", "pip", "install", "--quiet", *arguments], PIP_NO_INPUT="1")


def stamp(requirements: str) -> Path:
    """Where the environment notes which locked set it holds."""
    return ENVIRONMENT / f"{requirements}.installed"


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
