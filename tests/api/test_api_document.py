"""The API's own document: committed, whole, and true to the operations."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from ninja import Schema

from proxeny.node.accounts import api as accounts
from proxeny.node.accounts import program
from proxeny.node.api import problems
from proxeny.node.audit import api as audit
from proxeny.node.cases import api as cases
from proxeny.node.directory import api as directory
from proxeny.node.linking import api as linking
from proxeny.node.linking.relinks import api as relinks
from proxeny.node.reports import api as reports
from proxeny.node.requests import api as requests

API_MODULES = (
    accounts,
    audit,
    cases,
    directory,
    linking,
    problems,
    program,
    relinks,
    reports,
    requests,
)
SNAPSHOT = Path(__file__).parent / "openapi.json"
WRITE = "PROXENY_WRITE_OPENAPI"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return Client().get("/api/v1/openapi.json").json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_committed_document_is_the_one_that_is_served(
    document: dict[str, Any],
) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get(WRITE):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert SNAPSHOT.read_text(encoding="utf-8") == text, (
        f"read the difference; if it is meant, run this test with {WRITE}=1"
    )


def test_wrapper_hides_neither_address_nor_body(document: dict[str, Any]) -> None:
    merge = document["paths"]["/api/v1/series/{ref}/merge"]["post"]
    assert [(one["in"], one["name"]) for one in merge["parameters"]] == [
        ("path", "ref")
    ]
    schema = merge["requestBody"]["content"]["application/json"]["schema"]
    assert schema["$ref"].endswith("/Merge")
    for path, _method, operation in operations(document):
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part[:1] == "{"}


def test_every_operation_declares_its_problems(document: dict[str, Any]) -> None:
    for _path, _method, operation in operations(document):
        for status in ("401", "403", "404", "409", "413", "422", "503"):
            name = operation["responses"][status]["$ref"].rpartition("/")[2]
            answer = document["components"]["responses"][name]
            assert list(answer["content"]) == ["application/problem+json"]
        assert operation["security"] == [{"TokenAuth": []}, {"DeskSession": []}]
        assert operation["summary"].endswith(".")


def test_every_reference_in_the_document_leads_somewhere(
    document: dict[str, Any],
) -> None:
    for reference in _references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def _references(value: Any) -> Iterator[str]:
    match value:
        case dict():
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from _references(inner)
        case list():
            for inner in value:
                yield from _references(inner)


def test_no_two_schemas_bear_one_name() -> None:
    """The document keeps schemas by bare names: a second one would hide the first."""
    names = [
        name
        for module in API_MODULES
        for name, schema in vars(module).items()
        if isinstance(schema, type)
        and issubclass(schema, Schema)
        and schema.__module__ == module.__name__
    ]
    assert len(names) > 40
    assert len(names) == len(set(names))
