"""No product names a file that is not there, and no file stays that nobody names (checklist, 51).

Two servers share a folder. One is killed again and again in the middle of uploads and removals; the
other goes on, and clears away what the killed one has left.
"""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pictures
import pytest
import requests
import shop
from answers import assert_error, assert_ok
from harness import Server
from pictures import encoded
from PIL import Image
from threads import Threads

from tools.dev import processes

# Longer than any upload of these tests takes.
GRACE_MS = 4000
# A transaction of a killed server keeps what it has written for a minute.
SWEPT_TIMEOUT_S = 100
KILLS = 4
UPLOADERS = 4
UPLOADS_BETWEEN_KILLS = 6


class Pair(NamedTuple):
    victim: Server
    witness: Server
    folder: Path


@pytest.fixture(scope="module", name="pair")
def fixture_pair(databases, make_server, scratch) -> Iterator[Pair]:
    folder = scratch / "shared-media"
    settings = {"MEDIA_DIR": str(folder), "MEDIA_GRACE_MS": str(GRACE_MS), "MEDIA_SWEEP_MS": "200"}
    witness = make_server(databases, **settings).prepare().start()
    victim = make_server(databases, witness.database, **settings)
    victim.admin_password = witness.admin_password
    yield Pair(victim.start(), witness, folder)
    # A killed server's transactions stay open until they are too old, in the way of the database's
    # removal.
    with databases.mongo.connect() as client:
        client.admin.command({"killAllSessions": []})


def stored(pair: Pair) -> set[str]:
    return {path.name for path in pair.folder.rglob("*") if path.is_file()}


def products(pair: Pair) -> Iterator[dict]:
    for page in shop.walk_cursor(pair.witness, pair.witness.admin_token(), status="any"):
        yield from page["items"]


def named(pair: Pair) -> set[str]:
    urls: list[str] = []
    for product in products(pair):
        for image in product["images"]:
            urls += [image["url"], *image["thumbnails"].values()]
    return {url.removeprefix("/media/") for url in urls}


def assert_all_is_there(pair: Pair) -> None:
    for name in named(pair):
        file = pair.witness.get(f"/media/{name}")
        assert file.status_code == 200, name
        pictures.opened(file.content)


def assert_nothing_is_left_over(pair: Pair) -> None:
    assert processes.wait_until(lambda: stored(pair) == named(pair), SWEPT_TIMEOUT_S), (
        stored(pair) ^ named(pair)
    )
    database = pair.witness.databases.mongo.connect()[pair.witness.database]
    assert processes.wait_until(
        lambda: database.media.count_documents({"state": {"$ne": "used"}}) == 0, SWEPT_TIMEOUT_S
    )


class Storm(Threads):
    """Uploads to the victim, and removals, from several clients at once."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.token = pair.witness.admin_token()
        self.content = encoded("PNG", Image.effect_noise((400, 300), 80))
        self.done = 0
        self.lost = 0
        self.lock = threading.Lock()
        super().__init__(self.upload, UPLOADERS)

    def upload(self, _: int, is_over: threading.Event) -> None:
        path = f"/api/products/{shop.create(self.pair.witness)['id']}/images"
        while not is_over.is_set():
            try:
                answer = self.pair.victim.post(
                    path, files=pictures.form(self.content, self.content), token=self.token
                )
                if answer.status_code == 503:
                    continue
                images = assert_ok(answer, 201)["images"]
                if len(images) > 4:
                    self.pair.victim.delete(f"{path}/{images[0]['id']}", token=self.token)
                with self.lock:
                    self.done += 1
            except requests.RequestException:
                with self.lock:
                    self.lost += 1
                # Nobody listens until it is started again.
                is_over.wait(0.05)

    def wait_for_more(self) -> None:
        wanted = self.done + UPLOADS_BETWEEN_KILLS
        assert processes.wait_until(lambda: self.done >= wanted, 60), (self.done, self.lost)


@pytest.mark.slow
@pytest.mark.race
def test_killed_in_the_middle(pair: Pair) -> None:
    left_behind = 0
    with Storm(pair) as storm:
        for _ in range(KILLS):
            storm.wait_for_more()
            pair.victim.kill()
            assert_all_is_there(pair)
            left_behind += len(stored(pair) - named(pair))
            pair.victim.start()
        storm.wait_for_more()
        pair.victim.kill()
    assert storm.lost >= KILLS
    # Else none of them struck where it could hurt.
    assert left_behind > 0
    assert_all_is_there(pair)
    assert_nothing_is_left_over(pair)
    assert_all_is_there(pair)
    pair.victim.start()


def test_what_is_given_up_goes_after_a_while(pair: Pair) -> None:
    """By each of the ways in which a product gives up an image."""
    server, token = pair.witness, pair.witness.admin_token()

    def remove(product: dict, image: dict) -> requests.Response:
        return server.delete(f"/api/products/{product['id']}/images/{image['id']}", token=token)

    def edit(product: dict, image: dict) -> requests.Response:
        return server.patch(f"/api/products/{product['id']}", json={"images": []}, token=token)

    def replace(product: dict, image: dict) -> requests.Response:
        body = {"name": "Anew", "price": 1}
        return server.put(f"/api/products/{product['id']}", json=body, token=token)

    def remove_product(product: dict, image: dict) -> requests.Response:
        return server.delete(f"/api/products/{product['id']}?hard=true", token=token)

    urls = []
    for give_up in (remove, edit, replace, remove_product):
        product = shop.create(server)
        image = shop.add_image(server, product)
        assert give_up(product, image).status_code < 300
        # Its address may be on somebody's page.
        assert server.get(image["url"]).status_code == 200
        urls.append(image["url"])
    assert_nothing_is_left_over(pair)
    assert [server.get(url).status_code for url in urls] == [404] * 4


def test_what_two_products_show_stays_for_the_second(pair: Pair) -> None:
    server, token = pair.witness, pair.witness.admin_token()
    first = shop.create(server)
    image = shop.add_image(server, first, encoded("PNG"))
    second = shop.create(server, images=[{"url": image["url"]}])
    given_up = shop.add_image(server, first)
    assert server.delete(f"/api/products/{first['id']}?hard=true", token=token).status_code == 204
    assert_nothing_is_left_over(pair)
    assert server.get(image["url"]).status_code == 200
    assert server.get(given_up["url"]).status_code == 404
    assert server.delete(f"/api/products/{second['id']}?hard=true", token=token).status_code == 204
    assert_nothing_is_left_over(pair)
    assert server.get(image["url"]).status_code == 404


def test_what_is_doomed_cannot_be_named_again(pair: Pair) -> None:
    server, token = pair.witness, pair.witness.admin_token()
    product = shop.create(server)
    image = shop.add_image(server, product)
    path = f"/api/products/{product['id']}"
    assert server.delete(f"{path}/images/{image['id']}", token=token).status_code == 200
    answer = server.patch(path, json={"images": [{"url": image["url"]}]}, token=token)
    assert answer.status_code == 400
    assert shop.managed(server, product)["images"] == []


@pytest.mark.race
def test_at_the_same_time(pair: Pair) -> None:
    """Uploads to one product from both servers: each is whole, or has left nothing."""
    product = shop.create(pair.witness)
    path, token = f"/api/products/{product['id']}/images", pair.witness.admin_token()
    answers: list[requests.Response] = []

    def upload(server: Server) -> None:
        for _ in range(5):
            answers.append(server.post(path, files=pictures.form(encoded("PNG")), token=token))

    threads = [threading.Thread(target=upload, args=(server,))
               for server in (pair.victim, pair.witness) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 503}
    made = sum(answer.status_code == 201 for answer in answers)
    shown = shop.managed(pair.witness, product)
    assert len(shown["images"]) == made > 0
    assert shown["version"] == 1 + made
    assert_nothing_is_left_over(pair)
    assert_all_is_there(pair)


def test_a_folder_that_is_lost(databases, make_server, scratch) -> None:
    """While the server runs: an upload is refused and has changed nothing; the rest goes on."""
    folder = scratch / "lost-media"
    server = make_server(databases, MEDIA_DIR=str(folder)).prepare().start()
    product = shop.create(server)
    image = shop.add_image(server, product)
    shutil.rmtree(folder)
    path, token = f"/api/products/{product['id']}/images", server.admin_token()
    answer = server.post(path, files=pictures.form(encoded("PNG")), token=token)
    assert_error(answer, 503, "store_unavailable")
    assert shop.managed(server, product)["images"] == [image]
    assert_error(server.get(image["url"]), 404, "not_found")
    assert server.delete(f"{path}/{image['id']}", token=token).status_code == 200


def test_a_folder_that_cannot_be_used(databases, make_server, scratch) -> None:
    file = scratch / "no-folder"
    file.write_text("x")
    for path, reason in ((file, "Not a directory"), (scratch / "a" / "b", "No such file")):
        server = make_server(databases, MEDIA_DIR=str(path))
        server.aizy("migrate", "up")
        done = server.aizy("serve", check=False)
        assert done.returncode != 0
        assert f"MEDIA_DIR ({path})" in done.stderr and reason in done.stderr
        report = server.aizy("check", check=False).stdout
        assert f"FAIL media          - MEDIA_DIR ({path})" in report
