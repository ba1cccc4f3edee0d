"""Rules of the house that no linter knows: names, sizes, docstrings, errors."""

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import proxeny
from proxeny import exchange
from proxeny.errors import ProxenyError

SOURCE = Path(proxeny.__file__).parent
ROOT = SOURCE.parents[1]
REFUSED_NAMES = frozenset(
    {
        *("utils", "helpers", "common", "misc", "base", "core", "lib"),
        *("manager", "tools", "util", "helper"),
    }
)
MAX_MODULES = 14
# Where a folder may hold more, and why.
LARGER = {
    "cli": "one file for each group of commands",
    "node/accounts": "who acts stands under every door: desk, programs and sign-in",
}
# Texts from outside keep their own words.
UNWRITTEN = re.compile(
    r"\bTODO\b(?!\(#\d+\))|\bFIXME\b|\bXXX\b|\bplaceholder text\b|\bnot implemented\b"
    r"|NotImplementedError",
    re.IGNORECASE,
)
# A machine's own paths, and where packages are handed out, stand in nobody's release.
OF_A_MACHINE = re.compile(
    rf"{re.escape(str(ROOT))}/|/(?:home|root)/\w|--(?:extra-)?index-url"
)
MODULES = sorted(
    path
    for path in SOURCE.rglob("*.py")
    if "migrations" not in path.parts and path.name != "__main__.py"
)


def named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def list_folders() -> Iterator[Path]:
    yield SOURCE
    yield from (
        path
        for path in SOURCE.rglob("*")
        if path.is_dir() and path.name not in {"__pycache__", "migrations"}
    )


# An extra with a lock of its own; CI walks through it in Spark's own environment.
HAS_SPARK = importlib.util.find_spec("pyspark") is not None


def list_errors() -> Iterator[type[BaseException]]:
    """Every exception class that the package defines."""
    for info in pkgutil.walk_packages(proxeny.__path__, "proxeny."):
        if ".migrations" in info.name or info.name.endswith(("__main__", ".wsgi")):
            continue
        if info.name.startswith("proxeny.engines.spark") and not HAS_SPARK:
            continue
        module = importlib.import_module(info.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, BaseException) and kind.__module__ == info.name:
                yield kind


def test_the_rules_look_at_the_whole_package() -> None:
    assert len(MODULES) > 100


def test_no_file_has_a_name_that_says_nothing() -> None:
    refused = [
        named(path)
        for path in (*MODULES, *list_folders())
        if path.stem.removesuffix("_test") in REFUSED_NAMES
        or path.stem.endswith(("_utils", "_helpers", "_misc"))
    ]
    assert refused == []


def test_a_folder_holds_few_modules() -> None:
    counts = {
        named(folder): len(
            [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        )
        for folder in list_folders()
    }
    too_many = {name for name, count in counts.items() if count > MAX_MODULES}
    assert too_many <= set(LARGER)


def test_a_module_says_first_what_it_is_for() -> None:
    silent = []
    for path in MODULES:
        document = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        first = document.partition("\n")[0].strip()
        if len(first) < len("Cases.") or first[-1] not in ".:?*":
            silent.append(f"{named(path)}: {first}")
    assert silent == []


def test_every_error_is_one_of_ours() -> None:
    errors = list(list_errors())
    assert len(errors) > 10
    # Errors that only their own package catches, and answers with one of ours.
    inner = {
        "proxeny.exchange.wire.WireError",
        "proxeny.exchange.jws.SignatureError",
    }
    strangers = {
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in errors
        if not issubclass(kind, ProxenyError)
    }
    assert strangers <= inner
    assert {name.rpartition(".")[2] for name in inner}.isdisjoint(exchange.__all__)
    for kind in errors:
        assert kind.__name__.endswith("Error")


def test_every_error_has_a_stable_code_and_advice() -> None:
    for kind in list_errors():
        if issubclass(kind, ProxenyError):
            assert re.fullmatch(r"PXY(-[A-Z0-9]+)+", kind.code), kind
            assert kind.advice.endswith("."), kind
            assert kind.exit_code in {1, 2, 3}, kind


def test_a_package_lists_its_face() -> None:
    for name in ("selectors", "law", "reports", "requests", "linking", "exchange"):
        package = importlib.import_module(f"proxeny.{name}")
        assert package.__all__ == sorted(package.__all__) or len(package.__all__) > 3
        for word in package.__all__:
            assert hasattr(package, word), f"{name}.{word}"


@pytest.mark.parametrize(
    "rule", [UNWRITTEN, OF_A_MACHINE], ids=["unwritten", "machine"]
)
def test_no_source_holds_what_does_not_belong_there(rule: re.Pattern[str]) -> None:
    texts = [
        path
        for path in SOURCE.rglob("*")
        if path.suffix in {".py", ".toml", ".html", ".csv", ".typ", ".js", ".md"}
    ]
    found = [
        f"{named(path)}: {match[0]}"
        for path in texts
        for match in rule.finditer(path.read_text("utf-8", "replace"))
    ]
    assert found == []


def list_calls(path: Path) -> set[str]:
    """Dotted names of what a module calls."""
    calls = [
        node.func
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    return {ast.unparse(call) for call in calls}


CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.monotonic", "random.random", "uuid.uuid4", "os.urandom"),
    *("secrets.token_bytes", "secrets.token_hex", "secrets.choice"),
}


def test_a_pure_package_reads_no_clock_and_draws_no_lots() -> None:
    """Time is an argument, and so is entropy wherever the library allows."""
    impure = {"node", "cli", "__init__.py"}
    pure = [path for path in MODULES if named(path).split("/")[0] not in impure]
    assert len(pure) > 40
    assert [named(path) for path in pure if list_calls(path) & CLOCKS] == []


def test_nothing_is_pickled_or_evaluated() -> None:
    pickled = re.compile(r"\b(import|from) (pickle|marshal|shelve|dill)\b")
    found = [
        named(path)
        for path in MODULES
        if pickled.search(path.read_text("utf-8"))
        or list_calls(path) & {"eval", "exec", "compile", "__import__"}
    ]
    assert found == []


def test_owned_rows_are_fetched_through_access_alone() -> None:
    """A view or an operation never takes rows of an organisation by itself."""
    doors = [path for path in MODULES if path.name in {"views.py", "api.py", "home.py"}]
    assert len(doors) > 8
    owned = re.compile(r"\b(Report|Series|Case|Request)\.objects\b")
    found = [
        f"{named(path)}: {line.strip()}"
        for path in doors
        for line in path.read_text("utf-8").splitlines()
        if owned.search(line) and "access_owned(" not in line
    ]
    assert found == []


def test_no_model_saves_by_itself_and_no_signal_runs() -> None:
    """A change is an action; a row that writes other rows hides one."""
    for path in MODULES:
        if path.name == "models.py":
            text = path.read_text("utf-8")
            assert "def save(" not in text, named(path)
            assert "def delete(" not in text, named(path)
        assert "django.db.models.signals" not in path.read_text("utf-8"), named(path)


def test_migrations_import_nothing_of_the_application() -> None:
    for path in SOURCE.rglob("migrations/0*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        modules = [
            node.module or ""
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        ] + [
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        ]
        assert [name for name in modules if name.startswith("proxeny")] == []


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
