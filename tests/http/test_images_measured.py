"""What the largest images cost: time and memory, and how soon the memory is given back."""

import os
import time
from pathlib import Path

import pictures
import pytest
import shop
from answers import assert_ok
from harness import Server
from PIL import Image

from tools.dev import processes

SIDES = (7200, 5550)
MEGABYTE = 1024 * 1024
# Twelve bytes a pixel, and the program itself.
PEAK_MAX = 12 * SIDES[0] * SIDES[1] + 100 * MEGABYTE
AFTER_MAX = 120 * MEGABYTE


def memory(server: Server, name: str) -> int:
    assert server.process is not None
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")


def large(kind: str) -> bytes:
    """A photograph's worth of detail in as many pixels as are taken."""
    how = Image.NEAREST if kind == "PNG" else Image.BICUBIC
    image = Image.effect_noise((450, 370), 60).convert("RGB").resize(SIDES, how)
    options = {"JPEG": {"progressive": True, "subsampling": 0, "quality": 75},
               "PNG": {"compress_level": 1}, "WEBP": {"quality": 60, "method": 0}}
    return pictures.encoded(kind, image, **options[kind])


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.skipif(
    bool(os.environ.get("AIZY_TEST_BRIEF")), reason="not on builds whose sanitizers take memory"
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_largest(make_server, databases, kind: str) -> None:
    server = make_server(databases).prepare().start()
    content = large(kind)
    product = shop.create(server)
    begun = time.monotonic()
    answer = server.post(f"/api/products/{product['id']}/images", files=pictures.form(content),
                         token=server.admin_token(), timeout=300)
    took = time.monotonic() - begun
    made = assert_ok(answer, 201)["images"][0]
    assert (made["width"], made["height"]) == SIDES
    peak = memory(server, "VmHWM")
    assert peak < PEAK_MAX
    assert processes.wait_until(lambda: memory(server, "VmRSS") < AFTER_MAX, 10), (
        memory(server, "VmRSS"))
    stored = len(server.get(made["url"]).content)
    print(f"{kind}: {len(content) / MEGABYTE:.1f} MB in, {stored / MEGABYTE:.1f} MB kept, "
          f"{took:.1f} s, {peak // MEGABYTE} MB at most, "
          f"{memory(server, 'VmRSS') // MEGABYTE} MB after")
