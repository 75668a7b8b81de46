"""Image files of every kind for tests: good ones by Pillow, hostile ones byte by byte."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

# Files of a form, as requests takes them.
Files = list[tuple[str, tuple[str, bytes, str]]]


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Its four corners differ: red, green, blue and grey, clockwise from the top left."""
    image = Image.new("RGB", (width, height), (128, 128, 128))
    half = (width // 2, height // 2)
    for colour, at in (((255, 0, 0), (0, 0)), ((0, 255, 0), (half[0], 0)),
                       ((0, 0, 255), half)):
        image.paste(Image.new("RGB", half, colour), at)
    return image.convert(mode)


def encoded(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    """As "JPEG", "PNG", "GIF" or "WEBP"."""
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def form(*contents: bytes, name: str = "picture.jpg", field: str = "file",
         declared: str = "image/jpeg") -> Files:
    return [(field, (name, content, declared)) for content in contents]


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, pixels: bytes | None = None) -> bytes:
    """Grey; without `pixels` all of it black, of which a thousand fit into a byte."""
    content = bytes((1 + width) * height) if pixels is None else pixels
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(content, 1)) + chunk(b"IEND", b""))


def gif(width: int, height: int) -> bytes:
    """A screen of this size with a single pixel on it."""
    return (b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
            + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0;")


def with_canvas(webp: bytes, width: int, height: int, flags: int = 0) -> bytes:
    """A plain WebP made an extended one, whose canvas is what is said here."""
    canvas = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little")
    canvas += (height - 1).to_bytes(3, "little")
    chunks = b"VP8X" + struct.pack("<I", len(canvas)) + canvas + webp[12:]
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def resized_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    """Says that it has another size than its pixels."""
    at = next(at for at in (jpeg.find(mark) for mark in (b"\xff\xc0", b"\xff\xc2")) if at > 0)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def with_scans(jpeg: bytes, count: int) -> bytes:
    """A progressive JPEG whose last scan comes that many times more."""
    at = jpeg.rfind(b"\xff\xda")
    return jpeg[:-2] + jpeg[at:-2] * count + b"\xff\xd9"


def with_orientation(orientation: int, place: bool = False) -> bytes:
    """A JPEG whose EXIF says how it is to be turned, and where it was made."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    if place:
        exif.get_ifd(0x8825)[1] = "N"
    return encoded("JPEG", exif=exif.tobytes(), quality=95)
