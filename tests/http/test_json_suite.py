"""JSONTestSuite's files as bodies: what must be refused is, what must be taken is read."""

import json

import pytest
from answers import assert_error
from harness import Server

from tools.dev.locations import REPOSITORY

CASES = REPOSITORY / "tests" / "data" / "json-test-suite" / "parsing.json"
JSON = {"Content-Type": "application/json"}
# A login's body is small.
LOGIN_MAX_BYTES = 10_000

# JSON by the grammar, refused by choice, which RFC 8259 leaves to whoever reads it: the second of
# two members with the same name (section 4), and U+0000, which ends a text elsewhere (section 9).
REFUSED_BY_CHOICE = {
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json",
    "y_string_null_escape.json",
}


def bodies() -> dict[str, bytes]:
    """By the file's name, which begins with y_ (to be taken), n_ (to be refused) or i_ (either)."""
    found = {}
    for case in json.loads(CASES.read_text()):
        data = bytes.fromhex(case["bytes"]) if "bytes" in case else case["text"].encode()
        found[case["name"]] = data * case.get("times", 1)
    return found


BODIES = bodies()


def beginning_with(letter: str) -> list[str]:
    return sorted(name for name in BODIES if name.startswith(f"{letter}_"))


def assert_code(server: Server, name: str, *codes: str) -> None:
    """None of the bodies is what the routes want, so that each is 400 with one of the codes."""
    data = BODIES[name]
    paths = ["/api/products"] + ["/auth/login"] * (len(data) <= LOGIN_MAX_BYTES)
    for path in paths:
        answer = server.post(path, headers=JSON, data=data, token=server.admin_token())
        code = answer.json()["code"]
        assert code in codes, (path, code)
        assert_error(answer, 400, code)


def test_all_of_the_suite_is_there() -> None:
    assert [len(beginning_with(letter)) for letter in "yni"] == [95, 188, 35]
    assert REFUSED_BY_CHOICE <= set(BODIES)


@pytest.mark.parametrize("name", beginning_with("n"))
def test_what_must_be_refused_is(server: Server, name: str) -> None:
    assert_code(server, name, "malformed_json")


@pytest.mark.parametrize("name", sorted(set(beginning_with("y")) - REFUSED_BY_CHOICE))
def test_what_must_be_taken_is_read(server: Server, name: str) -> None:
    assert_code(server, name, "invalid")


@pytest.mark.parametrize("name", sorted(REFUSED_BY_CHOICE))
def test_what_is_refused_by_choice(server: Server, name: str) -> None:
    assert_code(server, name, "malformed_json")


@pytest.mark.parametrize("name", beginning_with("i"))
def test_what_may_be_either_is_answered(server: Server, name: str) -> None:
    assert_code(server, name, "invalid", "malformed_json")
