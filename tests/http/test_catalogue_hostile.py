"""Hostile input to every operation of the catalogue, as /openapi.json lists them: never a 5xx.

Whatever an operation takes is walked: a new member, parameter or route comes by without a line
here. What is refused says which field it was.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import requests
import shop
from answers import assert_alive, assert_clear_refusal, assert_error, assert_ok
from harness import Server

AREAS = ("/api/products", "/api/categories", "/api/inventory")
NOBODY = "0" * 24
OBJECTS_OF_TEXTS = [{"$gt": ""}, {"$where": "1"}, {"$oid": NOBODY}]
OPERATORS = [*OBJECTS_OF_TEXTS, {"$ne": None}, [{"$gt": ""}], {"a": {"b": {"c": [{}]}}}]
UNKNOWN = ["$where", "$set", "a.b", "__proto__", "_id", "created_at"]
NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1E+400", "0x10", "01", "+1", "1."]
NUMBERS = ["-1", "9223372036854775808", "-9223372036854775809", "1.5", "1e3", "1" + "0" * 400]
TEXTS = [".*", "(a+)+$", "[", "\\", "$where", '{"$gt": ""}', "../../etc/passwd", "' OR 1=1 --",
         "%00", "\u202e", "x" * 3000, "\u0000", "\ud7ff" * 400]
KEYS = ["0" * 23, "0" * 25, "g" * 24, "A" * 24, "$where", ".*", "{}", "a" * 3000, "-", "--", "é",
        "%24gt", "[object Object]", "null", "-1", "9" * 40, "%F0%9F%94%A5"]


class Operation(NamedTuple):
    method: str
    path: str
    name: str
    query: dict[str, dict[str, Any]]
    body: dict[str, dict[str, Any]]

    def ask(self, server: Server, key: str = NOBODY, **options: Any) -> requests.Response:
        filled = re.sub(r"{\w+}", lambda _: key, self.path)
        return server.request(self.method.upper(), filled, token=server.admin_token(), **options)


@pytest.fixture(scope="module", name="operations")
def fixture_operations(server: Server) -> list[Operation]:
    document = assert_ok(server.get("/openapi.json"))
    found = list(read_operations(document))
    assert len(found) >= 20 and sum(bool(operation.body) for operation in found) >= 6
    return found


def read_operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not path.startswith(AREAS):
                continue
            query = {row["name"]: row["schema"] for row in operation["parameters"]
                     if row["in"] == "query"}
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            body = document["components"]["schemas"].get(reference.rsplit("/", 1)[-1], {})
            yield Operation(method, path, operation["operationId"], query,
                            body.get("properties", {}))


def assert_names(answer: requests.Response, field: str, what: object) -> None:
    """400, and it says that it was this."""
    body = assert_error(answer, 400, "invalid")
    names = [row["field"] for row in body["fields"]]
    assert any(name == field or name.startswith((f"{field}[", f"{field}.")) for name in names), (
        what, names)


def assert_kept_or_refused(answer: requests.Response, what: object) -> None:
    """Text that means something elsewhere is text here, or is refused."""
    assert answer.status_code < 500, (what, answer.text[:500])
    if answer.status_code >= 400:
        assert_clear_refusal(answer)


def takes_texts(schema: dict[str, Any]) -> bool:
    """An object of the shop's own words, such as attributes."""
    return "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict)


def test_operators_are_no_values_of_any_member(server: Server, operations: list) -> None:
    for operation in operations:
        for member, schema in operation.body.items():
            for value in OPERATORS:
                if takes_texts(schema) and value in OBJECTS_OF_TEXTS:
                    continue
                answer = operation.ask(server, json={member: value})
                assert_names(answer, member, (operation.name, member, value))


def test_operators_are_no_members(server: Server, operations: list) -> None:
    for operation in operations:
        for name in UNKNOWN if operation.body else ():
            answer = operation.ask(server, json={name: "1"})
            assert_names(answer, name, operation.name)


def test_numbers_that_are_none(server: Server, operations: list) -> None:
    header = {"Content-Type": "application/json"}
    for operation in operations:
        for member, schema in operation.body.items():
            if "integer" not in json.dumps(schema.get("type", schema.get("anyOf", ""))):
                continue
            for number in NO_NUMBERS:
                answer = operation.ask(server, data=f'{{"{member}": {number}}}', headers=header)
                assert answer.status_code == 400, (operation.name, member, number, answer.text)
            for number in NUMBERS:
                answer = operation.ask(server, data=f'{{"{member}": {number}}}', headers=header)
                assert_kept_or_refused(answer, (operation.name, member, number))


def test_texts_are_texts(server: Server, operations: list) -> None:
    for operation in operations:
        for member in operation.body:
            for text in TEXTS:
                answer = operation.ask(server, json={member: text})
                assert_kept_or_refused(answer, (operation.name, member, text))


def test_bodies_that_are_deep(server: Server, operations: list) -> None:
    header = {"Content-Type": "application/json"}
    for operation in operations:
        if operation.body:
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                data = opening * 5000 + "1" + closing * 5000
                answer = operation.ask(server, data=data, headers=header)
                assert_error(answer, 400, "malformed_json")


def test_parameters_are_no_operators(server: Server, operations: list) -> None:
    # What has a body is refused for its type first.
    for operation in (found for found in operations if found.method in ("get", "delete")):
        for name in operation.query:
            for suffix in ("[$gt]", "[]", ".$ne", "[0][a]"):
                answer = operation.ask(server, params={f"{name}{suffix}": ""})
                assert_names(answer, f"{name}{suffix}", operation.name)
            twice = operation.ask(server, params=[(name, "1"), (name, "2")])
            assert_names(twice, name, operation.name)
        unknown = operation.ask(server, params={"$where": "1"})
        assert_names(unknown, "$where", operation.name)


def test_values_of_parameters(server: Server, operations: list) -> None:
    for operation in operations:
        for name, schema in operation.query.items():
            for text in TEXTS:
                answer = operation.ask(server, params={name: text})
                assert_kept_or_refused(answer, (operation.name, name, text))
            if schema.get("type") == "integer":
                # "01" is a number in a query, if an odd one.
                for number in {*NO_NUMBERS, *NUMBERS} - {"01"}:
                    answer = operation.ask(server, params={name: number})
                    assert_names(answer, name, (operation.name, number))


def test_huge_limits(server: Server, operations: list) -> None:
    limited = [operation for operation in operations if "limit" in operation.query]
    assert limited
    for operation in limited:
        for limit in ("0", "-1", "1001", "2147483648", "9" * 30):
            assert_names(operation.ask(server, params={"limit": limit}), "limit", operation.name)


def test_keys_of_nothing(server: Server, operations: list) -> None:
    for operation in operations:
        for key in KEYS if "{" in operation.path else ():
            answer = operation.ask(server, key=key)
            assert 400 <= answer.status_code < 500, (operation.name, key, answer.text[:300])
            assert_clear_refusal(answer)
            if operation.method == "get":
                assert answer.status_code in (400, 404), (operation.name, key)


def test_cursors_from_elsewhere(server: Server, operations: list) -> None:
    """Each list's cursor at each other list, and at itself with another filter."""
    for number in range(3):
        shop.create(server, name=f"Paged {number}", sku=f"PAGED-{number}", stock=1)
    lists = [operation for operation in operations
             if "cursor" in operation.query and "{" not in operation.path]
    assert lists
    cursors = {}
    for operation in lists:
        page = assert_ok(operation.ask(server, params={"limit": 1}))
        cursors[operation.name] = page["next_cursor"]
        assert page["next_cursor"], operation.name
    for operation in lists:
        for name, cursor in cursors.items():
            for changed in (cursor[:-2] + "AA", cursor[:-1], cursor[::-1], "A" + cursor[1:]):
                answer = operation.ask(server, params={"cursor": changed})
                assert_error(answer, 400, "bad_cursor")
            answer = operation.ask(server, params={"cursor": cursor})
            if name == operation.name:
                assert_ok(answer)
            else:
                assert_error(answer, 400, "bad_cursor")


def test_it_is_still_there(server: Server) -> None:
    """And none of this was a surprise to it."""
    assert_alive(server)
    assert '"level": "error"' not in server.log_text()
