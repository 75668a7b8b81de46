"""People of every kind, made through the API; what the API cannot do yet is done in SQL."""

import secrets
from typing import Any, NamedTuple

import pymysql
from harness import Server


class Person(NamedTuple):
    id: int
    email: str
    password: str
    token: str


def make_person(server: Server, role: str = "customer") -> Person:
    made = server.register()
    person = Person(made["user"]["id"], made["email"], made["password"], made["access_token"])
    if role != "customer":
        set_role(server, person, role)
    return person


def set_role(server: Server, person: Person, role: str) -> None:
    execute(
        server,
        "UPDATE users SET role_id = (SELECT id FROM roles WHERE name = %s) WHERE id = %s",
        role,
        person.id,
    )


def set_active(server: Server, person: Person, is_active: bool) -> None:
    execute(server, "UPDATE users SET is_active = %s WHERE id = %s", is_active, person.id)


def rows(server: Server, statement: str, *parameters: object) -> list[dict[str, Any]]:
    """What a SELECT finds in the server's own database."""
    with server.databases.mysql.connect(server.database) as connection:
        with connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())


def execute(server: Server, statement: str, *parameters: object) -> None:
    with server.databases.mysql.connect(server.database) as connection:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)


def fresh_email() -> str:
    return f"{secrets.token_hex(8)}@example.com"
