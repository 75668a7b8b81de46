"""Images of products: what is made of them, and what the product says of it (checklist, 47-50)."""

import pictures
import pytest
import shop
from answers import assert_error, assert_headers, assert_invalid, assert_ok
from harness import Server
from PIL import Image, ImageOps
from pictures import encoded, form, opened, picture

SIZES = {"960": 960, "480": 480, "160": 160}


def upload(server: Server, product: dict, *contents: bytes, **options):
    headers = options.pop("headers", None)
    files = form(*contents, **options)
    path = f"/api/products/{product['id']}/images"
    return server.post(path, files=files, token=server.admin_token(), headers=headers)


def arrange(server: Server, product: dict, places: list[dict], **options):
    path = f"/api/products/{product['id']}/images"
    return server.patch(path, json={"images": places}, token=server.admin_token(), **options)


def remove(server: Server, product: dict, image: dict, **options):
    path = f"/api/products/{product['id']}/images/{image['id']}"
    return server.delete(path, token=server.admin_token(), **options)


def ids(product: dict) -> list[str]:
    return [image["id"] for image in product["images"]]


KINDS = [
    ("JPEG", "RGB", "image/jpeg"), ("JPEG", "L", "image/jpeg"), ("JPEG", "CMYK", "image/jpeg"),
    ("PNG", "RGB", "image/png"), ("PNG", "RGBA", "image/png"), ("PNG", "P", "image/png"),
    ("PNG", "L", "image/png"), ("PNG", "1", "image/png"), ("PNG", "I;16", "image/png"),
    ("GIF", "P", "image/png"), ("WEBP", "RGB", "image/webp"), ("WEBP", "RGBA", "image/webp"),
]


@pytest.mark.parametrize(("kind", "mode", "served"), KINDS)
def test_every_kind_comes_back(server: Server, kind: str, mode: str, served: str) -> None:
    """Whatever it is called, and said to be."""
    image = picture(1000, 500, "I" if mode == "I;16" else mode)
    image = image.point(lambda value: value * 257).convert("I;16") if mode == "I;16" else image
    product = shop.create(server)
    answer = upload(server, product, encoded(kind, image), name="../x.svg", declared="text/html")
    (made,) = assert_ok(answer, 201)["images"]
    assert (made["width"], made["height"], made["alt"]) == (1000, 500, None)
    assert set(made["thumbnails"]) == set(SIZES)
    for url, width in [(made["url"], 1000)] + [
        (made["thumbnails"][name], width) for name, width in SIZES.items()
    ]:
        file = server.get(url)
        assert (file.status_code, file.headers["Content-Type"]) == (200, served)
        shown = opened(file.content)
        assert shown.get_format_mimetype() == served
        assert shown.size == (width, width // 2)
        assert_looks_the_same(image, shown)


def assert_looks_the_same(one, other) -> None:
    small = [image.convert("RGB").resize((4, 4)).tobytes() for image in (one, other)]
    if one.mode != "I;16":
        assert max(abs(a - b) for a, b in zip(*small)) < 40


def test_small_ones_are_not_enlarged(server: Server) -> None:
    product = shop.create(server)
    contents = [encoded("PNG", picture(*size)) for size in ((160, 10), (161, 10), (500, 960))]
    images = assert_ok(upload(server, product, *contents), 201)["images"]
    assert [list(image["thumbnails"]) for image in images] == [[], ["160"], ["480", "160"]]
    tall = opened(server.get(images[2]["thumbnails"]["480"]).content)
    assert tall.size == (250, 480)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_upright_and_tells_nothing(server: Server, orientation: int) -> None:
    content = pictures.with_orientation(orientation, place=True)
    product = shop.create(server)
    (made,) = assert_ok(upload(server, product, content), 201)["images"]
    file = server.get(made["url"]).content
    assert b"SecretCamera" in content and b"SecretCamera" not in file
    assert b"Exif" not in file and len(opened(file).getexif()) == 0
    upright = ImageOps.exif_transpose(opened(content))
    assert opened(file).size == upright.size == (made["width"], made["height"])
    assert_looks_the_same(upright, opened(file))


def test_what_is_behind_the_end_is_gone(server: Server) -> None:
    """Polyglots: a page behind a picture, or in its comment."""
    page = b"<script>alert(1)</script>"
    product = shop.create(server)
    contents = [encoded("JPEG", comment=page) + page, encoded("PNG") + page,
                encoded("GIF", comment=page) + page, encoded("WEBP") + page]
    for image in assert_ok(upload(server, product, *contents), 201)["images"]:
        assert page not in server.get(image["url"]).content


def test_transparency_stays(server: Server) -> None:
    clear = picture(600, 300, "RGBA")
    clear.putalpha(clear.getchannel("G").point(lambda value: 255 if value > 200 else 0))
    gif = encoded("GIF", clear.convert("RGB").quantize(4), transparency=0)
    product = shop.create(server)
    answer = upload(server, product, encoded("PNG", clear), encoded("WEBP", clear), gif)
    for image in assert_ok(answer, 201)["images"]:
        for url in (image["url"], image["thumbnails"]["160"]):
            alpha = opened(server.get(url).content).convert("RGBA").getchannel("A")
            assert alpha.getextrema() == (0, 255)


def test_of_an_animation_the_first_frame(server: Server) -> None:
    frames = [picture(20, 10), picture(20, 10).rotate(180)]
    animated = encoded("GIF", frames[0], save_all=True, append_images=frames[1:])
    product = shop.create(server)
    (made,) = assert_ok(upload(server, product, animated), 201)["images"]
    assert_looks_the_same(frames[0], opened(server.get(made["url"]).content))


def test_versions_move_and_are_compared(server: Server) -> None:
    product = shop.create(server)
    first = upload(server, product, encoded("PNG"), headers={"If-Match": '"1-0"'})
    assert assert_ok(first, 201)["version"] == 2
    assert first.headers["ETag"] == '"2-0"'
    image = first.json()["images"][0]
    stale = {"headers": {"If-Match": '"1-0"'}}
    assert_error(upload(server, product, encoded("PNG"), **stale), 412, "precondition_failed")
    assert_error(arrange(server, product, [{"id": image["id"]}], **stale), 412,
                 "precondition_failed")
    assert_error(remove(server, product, image, **stale), 412, "precondition_failed")
    assert shop.managed(server, product)["version"] == 2
    last = remove(server, product, image, headers={"If-Match": '"2-0"'})
    assert assert_ok(last)["images"] == []
    assert last.headers["ETag"] == '"3-0"'


def test_the_public_sees_it_at_once(server: Server) -> None:
    product = shop.create(server)
    path = f"/api/products/{product['id']}"
    assert assert_ok(server.get(path))["images"] == []
    made = assert_ok(upload(server, product, encoded("PNG")), 201)["images"]
    assert assert_ok(server.get(path))["images"] == made
    assert_ok(remove(server, product, made[0]))
    assert assert_ok(server.get(path))["images"] == []


def test_order_and_what_they_show(server: Server) -> None:
    product = shop.create(server, images=[{"url": "https://example.com/a.jpg", "alt": "Far away"}])
    product = assert_ok(upload(server, product, encoded("PNG"), encoded("JPEG")), 201)
    remote, one, two = ids(product)
    places = [{"id": two, "alt": " Two "}, {"id": remote}, {"id": one}]
    arranged = assert_ok(arrange(server, product, places))
    assert [(image["id"], image["alt"]) for image in arranged["images"]] == [
        (two, "Two"), (remote, "Far away"), (one, None)]
    assert arranged["version"] == product["version"] + 1
    assert assert_ok(arrange(server, product, places))["version"] == arranged["version"]
    places[1]["alt"] = None
    assert assert_ok(arrange(server, product, places))["images"][1]["alt"] is None


def test_an_order_has_each_image_once(server: Server) -> None:
    product = shop.create(server)
    product = assert_ok(upload(server, product, encoded("PNG"), encoded("JPEG")), 201)
    one, two = ids(product)
    other = "0" * 24
    assert_invalid(arrange(server, product, [{"id": one}]), images="each of the 2")
    assert_invalid(arrange(server, product, [{"id": one}, {"id": one}]), images_1___id="twice")
    assert_invalid(arrange(server, product, [{"id": one}, {"id": two}, {"id": other}]),
                   images_2___id="no image of this product")
    assert_invalid(arrange(server, product, [{"id": "x"}]), images_0___id="24 hexadecimal")
    assert_invalid(arrange(server, product, [{"id": one, "url": "https://a.example/"}]),
                   images_0___url="known")
    assert shop.managed(server, product)["images"] == product["images"]


def test_remote_addresses_are_kept_as_they_are(server: Server) -> None:
    url = "https://cdn.example.com/a%20b.jpg?width=100&x=1#y"
    product = shop.create(server, images=[{"url": url}])
    product = assert_ok(upload(server, product, encoded("PNG")), 201)
    assert product["images"][0] == {
        "id": product["images"][0]["id"], "url": url, "alt": None, "width": None, "height": None,
        "thumbnails": {}}
    assert assert_ok(remove(server, product, product["images"][1]))["images"][0]["url"] == url


def test_uploaded_ones_may_be_named_in_an_edit(server: Server) -> None:
    """An editor sends back what it read; and only what is there can be named."""
    product = shop.create(server)
    made = assert_ok(upload(server, product, encoded("PNG", picture(200, 200))), 201)["images"]
    kept = shop.edit(server, product, images=[{"url": made[0]["url"], "alt": "Kept"}])["images"]
    assert kept == [{**made[0], "alt": "Kept"}]
    other = shop.create(server, images=[{"url": made[0]["url"]}])
    assert other["images"][0]["url"] == made[0]["url"]
    url = f"/media/{'0' * 32}.png"
    path, token = f"/api/products/{product['id']}", server.admin_token()
    for wrong in (url, made[0]["url"].replace(".png", ".jpg")):
        answer = server.patch(path, json={"images": [{"url": wrong}]}, token=token)
        assert_invalid(answer, images="where no image is")
    for wrong in ("/media/../x", "/media/x.png", "//example.com/x.png", "javascript:alert(1)"):
        answer = server.patch(path, json={"images": [{"url": wrong}]}, token=token)
        assert_invalid(answer, images_0___url="must be")
    assert shop.managed(server, product)["images"] == kept


def test_others_and_what_is_not_there(server: Server) -> None:
    product, other = shop.create(server), shop.create(server)
    image = assert_ok(upload(server, product, encoded("PNG")), 201)["images"][0]
    assert_error(remove(server, other, image), 404, "not_found")
    assert_error(remove(server, product, {"id": "x"}), 404, "not_found")
    for missing in ({"id": "0" * 24}, {"id": "a-slug"}):
        assert_error(upload(server, missing, encoded("PNG")), 404, "not_found")
        assert_error(arrange(server, missing, []), 404, "not_found")
        assert_error(remove(server, missing, image), 404, "not_found")
    assert shop.managed(server, product)["images"] == [image]


def test_a_hundred_and_no_more(server: Server) -> None:
    remote = [{"url": f"https://example.com/{number}.jpg"} for number in range(99)]
    product = shop.create(server, images=remote)
    assert_invalid(upload(server, product, encoded("PNG"), encoded("PNG")), file="at most 100")
    assert len(assert_ok(upload(server, product, encoded("PNG")), 201)["images"]) == 100
    assert_invalid(upload(server, product, encoded("PNG")), file="at most 100")


def test_changes_are_audited(server: Server) -> None:
    product = shop.create(server)
    image = assert_ok(upload(server, product, encoded("PNG")), 201)["images"][0]
    assert_ok(remove(server, product, image))
    database = server.databases.mongo.connect()[server.database]
    found = list(database.audit.find({"action": "product.update"}).sort("_id", -1).limit(2))
    assert [entry["changed"] for entry in found] == [["images"], ["images"]]
    assert all(entry["request_id"] for entry in found)


# GET /media


@pytest.fixture(scope="module", name="file")
def fixture_file(server: Server) -> str:
    """The address of one that is sent in several pieces."""
    noise = Image.effect_noise((900, 900), 90)
    return str(shop.add_image(server, shop.create(server), encoded("PNG", noise))["url"])


def test_a_file_is_served_for_ever(server: Server, file: str) -> None:
    headers = {"Accept": "text/html", "Origin": "https://elsewhere.example"}
    answer = server.get(file, headers=headers)
    assert answer.status_code == 200
    assert_headers(answer)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 400_000
    assert opened(answer.content).size == (900, 900)
    head = server.request("HEAD", file)
    same = ("Content-Length", "Content-Type", "ETag", "Cache-Control")
    assert [head.headers[name] for name in same] == [answer.headers[name] for name in same]
    assert head.content == b""


def test_what_the_client_has_is_not_sent(server: Server, file: str) -> None:
    tag = server.get(file).headers["ETag"]
    for sent in (tag, "*", f'"other", W/{tag}'):
        answer = server.get(file, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert server.get(file, headers={"If-None-Match": '"other"'}).status_code == 200


def test_no_other_name_is_a_name(server: Server, file: str) -> None:
    name = file.rsplit("/", 1)[1]
    for wrong in ("x", "..", name[:-4], name.upper(), name + "x", name.replace(".png", ".jpg"),
                  name.replace(".png", "-161.png"), name.replace(".png", "-.png"),
                  name.replace(".png", ".png.part"), f"{name[:2]}%2F{name}", "0" * 32 + ".png",
                  "%2e%2e%2fserve.env", name + "%00", "." + name, name.replace(".", "..")):
        answer = server.get(f"/media/{wrong}")
        assert answer.status_code in (400, 404), wrong
        assert_error(answer, answer.status_code, answer.json()["code"])
    assert server.get(f"/media/{name[:2]}/{name}").status_code == 404
    assert server.get("/media/").status_code == 404
    assert server.get(f"{file}/").status_code == 404
    assert server.post(file).status_code == 405
