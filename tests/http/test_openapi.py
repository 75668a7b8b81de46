"""The served document: one truth with the program, whole, and kept by the answers."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pictures
import pytest
import requests
import shop
import stock
from answers import assert_headers, assert_ok
from harness import Server
from people import fresh_email, make_person

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
PATHS = {"/auth/register", "/auth/login", "/auth/me", "/api/products",
         "/api/products/suggest", "/api/products/{id_or_slug}", "/api/products/{id}",
         "/api/products/{id}/images",
         "/api/products/{id}/images/{image_id}", "/media/{name}", "/healthz", "/readyz",
         "/openapi.json", "/metrics", "/api/inventory", "/api/inventory/{sku}",
         "/api/inventory/{sku}/movements", "/api/inventory/{sku}/adjust",
         "/api/inventory/reservations", "/api/inventory/reservations/{id}",
         "/api/inventory/reservations/{id}/release", "/api/inventory/reservations/{id}/commit",
         "/api/products/import", "/api/products/import/{request_id}", "/api/products/export",
         "/api/categories",
         "/api/categories/{slug}"}
KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "format",
            "description", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
            "pattern", "anyOf", "$ref"}


@pytest.fixture(scope="module", name="document")
def fixture_document(server: Server) -> dict[str, Any]:
    return assert_ok(server.get("/openapi.json"))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def schemas(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema, at any depth."""

    def inside(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield schema
        inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
        inner += [schema[name] for name in ("items", "additionalProperties")
                  if isinstance(schema.get(name), dict)]
        for child in inner:
            yield from inside(child)

    for schema in document["components"]["schemas"].values():
        yield from inside(schema)
    for _, _, operation in operations(document):
        for parameter in operation["parameters"]:
            yield from inside(parameter["schema"])
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in body.get("content", {}).values():
                yield from inside(content["schema"])


def test_the_command_prints_what_is_served(server: Server, document: dict) -> None:
    assert json.loads(server.aizy("openapi").stdout) == document


def test_it_is_of_version_3_1(document: dict) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] and document["info"]["version"]
    assert set(document["paths"]) == PATHS
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_operations_are_whole(document: dict) -> None:
    ids = []
    for path, method, operation in operations(document):
        assert method in METHODS
        assert operation["summary"].endswith(".") and operation["tags"]
        ids.append(operation["operationId"])
        in_path = {row["name"] for row in operation["parameters"] if row["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        for row in operation["parameters"]:
            assert row["in"] in ("path", "query", "header") and row["schema"]
            assert row["in"] != "path" or row["required"] is True
        names = [(row["in"], row["name"]) for row in operation["parameters"]]
        assert len(names) == len(set(names))
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d", status) and response["description"]
        for requirement in operation["security"]:
            assert set(requirement) <= set(document["components"]["securitySchemes"])
    assert len(ids) == len(set(ids))


def test_every_reference_resolves_and_every_schema_is_used(document: dict) -> None:
    found = {found["$ref"] for found in walk(document) if isinstance(found.get("$ref"), str)}
    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found == there


def test_schemas_are_schemas(document: dict) -> None:
    for schema in schemas(document):
        assert set(schema) <= KEYWORDS, schema
        assert {"type", "anyOf", "$ref"} & set(schema), schema
        if "properties" in schema:
            assert set(schema.get("required", [])) <= set(schema["properties"])
        for low, high in (("minimum", "maximum"), ("minLength", "maxLength"),
                          ("minItems", "maxItems")):
            assert schema.get(low, 0) <= schema.get(high, 10**15)
        if "pattern" in schema:
            re.compile(schema["pattern"])


def test_every_operation_documents_the_errors_of_the_frame(document: dict) -> None:
    for _, method, operation in operations(document):
        responses = operation["responses"]
        assert {"400", "500"} <= set(responses)
        # A file is what it is, whatever is asked for.
        is_file = operation["operationId"] in ("get_media", "export_products")
        assert ("406" in responses) != is_file
        assert ("415" in responses) == ("requestBody" in operation)
        for status, response in responses.items():
            if status >= "400":
                readiness = (operation["operationId"], status) == ("readiness", "503")
                wanted = "Readiness" if readiness else "Error"
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": f"#/components/schemas/{wanted}"}, (method, status)


# What is answered is what is documented.


def matches(
    value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = ""
) -> list[str]:
    """Where the value is not what the schema says: also members that it does not name."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        tried = [matches(value, option, document, at) for option in schema["anyOf"]]
        best = min(tried, key=len)
        if best or "type" not in schema:
            return best
    if not is_of_type(value, schema["type"]):
        return [f"{at}: {value!r} is no {schema['type']}"]
    wrong = []
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{at}: {value!r} is not in {schema['enum']}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            wrong += matches(item, schema["items"], document, f"{at}[{index}]")
    if isinstance(value, dict):
        needed = set(schema.get("required", []))
        wrong += [f"{at}.{name} is missing" for name in needed - set(value)]
    if isinstance(value, dict) and "properties" in schema:
        for name, member in value.items():
            if name in schema["properties"]:
                wrong += matches(member, schema["properties"][name], document, f"{at}.{name}")
            elif schema["properties"]:
                wrong.append(f"{at}.{name} is not documented")
    return wrong


def is_of_type(value: Any, wanted: str | list[str]) -> bool:
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    if isinstance(wanted, list):
        return any(is_of_type(value, one) for one in wanted)
    if wanted == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, types[wanted])


FILE = "Handle,Title,Variant Price,Else\nfiled,F,1,\nnot-filed,F,x,\n"
CSV = {"Content-Type": "text/csv", "X-Request-Id": "documented"}
FULL = {
    "name": "Everything", "description": "A\nB", "brand": "Own", "tags": ["a"], "status": "active",
    "options": [{"name": "Size", "values": ["S", "M"]}],
    "variants": [
        {"options": {"Size": "S"}, "price": "1.50", "compare_at_price": 200, "stock": 3,
         "barcode": "123", "weight_grams": 5},
        {"options": {"Size": "M"}, "price": 175, "allow_backorder": True},
    ],
    "images": [{"url": "https://example.com/a.jpg", "alt": "It"}],
    "attributes": {"Colour": "red"}, "seo": {"title": "T", "description": "D"},
}


def category_answers(server: Server) -> list[tuple[str, requests.Response]]:
    admin = {"token": server.admin_token()}
    made = server.post("/api/categories", json={"name": "Documented"}, **admin)
    path = made.headers["Location"]
    within = {"name": "Within", "parent": made.json()["slug"]}
    return [
        ("create_category", made),
        ("create_category", server.post("/api/categories", json=within, **admin)),
        ("create_category", server.post("/api/categories", json={}, **admin)),
        ("list_categories", server.get("/api/categories")),
        ("get_category", server.get(path)),
        ("get_category", server.get(path, headers={"If-None-Match": "*"})),
        ("update_category", server.patch(path, json={"slug": "documented-2"}, **admin)),
        ("get_category", server.get(path, allow_redirects=False)),
        ("update_category", server.patch(path, json={}, **admin)),
        ("delete_category", server.delete(f"{path}-2", **admin)),
        ("delete_category", server.delete(f"{path}-2", params={"move_to": "within"}, **admin)),
        ("delete_category", server.delete("/api/categories/within", **admin)),
    ]


def test_answers_are_as_documented(server: Server, document: dict) -> None:
    admin = {"token": server.admin_token()}
    made = server.post("/api/products", json=FULL, **admin)
    path = f"/api/products/{made.json()['id']}"
    person = make_person(server)
    registration = {"email": fresh_email(), "password": "correct horse battery", "name": "A"}
    level = f"/api/inventory/{made.json()['variants'][0]['sku']}"
    sku = stock.stocked(server, 5)
    held = stock.reserve(server, (sku, 1), **admin)
    reservation = f"/api/inventory/reservations/{held.json()['id']}"
    sale = {"delta": -1, "reason": "Sold"}
    uploaded = server.post(f"{path}/images", files=pictures.form(pictures.encoded("JPEG")), **admin)
    places = [{"id": image["id"]} for image in uploaded.json()["images"]]
    picture = uploaded.json()["images"][-1]["url"]
    answers = [
        ("register", server.post("/auth/register", json=registration)),
        ("register", server.post("/auth/register", json=registration)),
        ("register", server.post("/auth/register", json={})),
        ("login", server.post("/auth/login", json=registration)),
        ("login", server.post("/auth/login", json={**registration, "password": "wrong"})),
        ("me", server.get("/auth/me", token=person.token)),
        ("me", server.get("/auth/me")),
        ("create_product", made),
        ("create_product", server.post("/api/products", json={"slug": "A"}, **admin)),
        ("create_product", server.post("/api/products", json={}, token=person.token)),
        ("list_products", server.get("/api/products?total=true&limit=3")),
        ("list_products", server.get("/api/products?status=any", **admin)),
        ("list_products", server.get("/api/products?cursor=x")),
        ("list_products", server.get("/api/products?q=everything&facets=true")),
        ("list_products", server.get("/api/products?facets=brand")),
        ("suggest_products", server.get("/api/products/suggest?q=ever")),
        ("suggest_products", server.get("/api/products/suggest")),
        ("get_product", server.get(path)),
        ("get_product", server.get(path, params={"status": "any"}, **admin)),
        ("get_product", server.get(path, headers={"If-None-Match": made.headers["ETag"]})),
        ("replace_product", server.put(path, json={"name": "B", "price": 2}, **admin)),
        ("replace_product", server.put(path, json={}, **admin)),
        ("update_product", server.patch(path, json={"brand": None, "seo": {}}, **admin)),
        ("update_product", server.patch(path, json={}, headers={"If-Match": '"7-7"'}, **admin)),
        ("delete_product", server.delete(path, **admin)),
        ("adjust_level", server.post(f"{level}/adjust", json=sale, **admin)),
        ("adjust_level", server.post(f"{level}/adjust", json={**sale, "delta": -9}, **admin)),
        ("update_level", server.patch(level, json={"low_at": 2}, **admin)),
        ("get_level", server.get(level, **admin)),
        ("get_level", server.get("/api/inventory/none", **admin)),
        ("list_inventory", server.get("/api/inventory?low=true&total=true", **admin)),
        ("list_inventory", server.get("/api/inventory?low=some", **admin)),
        ("list_movements", server.get(f"{level}/movements", **admin)),
        ("add_product_images", uploaded),
        ("add_product_images", server.post(f"{path}/images", **admin)),
        ("add_product_images", server.post(f"{path}/images", files=pictures.form(b"x"), **admin)),
        ("arrange_product_images",
         server.patch(f"{path}/images", json={"images": places}, **admin)),
        ("arrange_product_images", server.patch(f"{path}/images", json={}, **admin)),
        ("remove_product_image", server.delete(f"{path}/images/{places[0]['id']}", **admin)),
        ("remove_product_image", server.delete(f"{path}/images/{places[0]['id']}", **admin)),
        ("get_media", server.get(picture)),
        ("get_media", server.get(picture, headers={"If-None-Match": "*"})),
        ("get_media", server.get("/media/x")),
        ("reserve", held),
        ("reserve", stock.reserve(server, (sku, 999), **admin)),
        ("reserve", stock.reserve(server, (sku, 1))),
        ("get_reservation", server.get(f"{reservation}", **admin)),
        ("get_reservation", server.get(f"{reservation}")),
        ("commit_reservation", server.post(f"{reservation}/commit", **admin)),
        ("release_reservation", server.post(f"{reservation}/release", **admin)),
        ("import_products", server.post("/api/products/import", data=FILE, headers=CSV, **admin)),
        ("import_products", server.post("/api/products/import", data="a,b", headers=CSV, **admin)),
        ("import_products", server.post("/api/products/import", json={}, **admin)),
        ("get_product_import", server.get("/api/products/import/documented", **admin)),
        ("get_product_import", server.get("/api/products/import/unknown", **admin)),
        ("export_products", server.get("/api/products/export", **admin)),
        ("export_products", server.get("/api/products/export")),
        *category_answers(server),
        ("liveness", server.get("/healthz")),
        ("readiness", server.get("/readyz")),
        ("openapi", server.get("/openapi.json")),
        ("metrics", server.get("/metrics")),
        ("metrics", server.get("/metrics", headers={"Forwarded": "for=192.0.2.1"})),
    ]
    by_id = {operation["operationId"]: operation for _, _, operation in operations(document)}
    assert set(by_id) == {name for name, _ in answers}
    for name, answer in answers:
        assert_headers(answer)
        response = by_id[name]["responses"][str(answer.status_code)]
        if "content" not in response:
            assert answer.content == b""
            continue
        kind, content = next(iter(response["content"].items()))
        assert answer.headers["Content-Type"].startswith(kind)
        value = answer.json() if kind == "application/json" else answer.text
        assert matches(value, content["schema"], document) == [], name


def test_documented_bodies_are_taken(server: Server, document: dict) -> None:
    """The documented members of a body are those that are known, and no others."""
    for name in ("ProductBody", "ProductEdit"):
        schema = document["components"]["schemas"][name]
        assert schema["additionalProperties"] is False
        assert matches(FULL, schema, document) == []
    assert document["components"]["schemas"]["ProductBody"]["required"] == ["name"]
    assert shop.create(server, **FULL)["name"] == "Everything"
