#!/usr/bin/env python3
"""Writes a product file in the layout of Shopify's export, for measuring: catalogue_csv.py ROWS.

The same number gives the same file: products of one to eight variants, a third of them with further
images, in 60 categories.
"""

import csv
import random
import sys

HEADER = [
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value"),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty"),
    *("Variant Inventory Policy", "Variant Price", "Variant Compare At Price", "Variant Barcode"),
    *("Image Src", "Image Position", "Image Alt Text", "SEO Title", "SEO Description", "Status"),
]
NOUNS = "Shirt Jacket Mug Lamp Chair Scarf Boots Kettle Notebook Backpack Cushion Vase".split()
STYLES = "Linen Wool Enamel Oak Steel Ceramic Canvas Merino Copper Cotton".split()
COLOURS = "Red Green Blue Sand Black White Olive Navy".split()
WORDS = (
    "soft sturdy light warm plain made by hand in small runs for every day and for years".split()
)
IMAGES_MAX = 3


def variant(chooser: random.Random, number: int, at: int) -> dict[str, object]:
    price = chooser.randrange(500, 30000) / 100
    return {
        "Option1 Value": "SMLX"[at % 4],
        "Option2 Value": COLOURS[at // 4],
        "Variant SKU": f"C{number:06}-{at}",
        "Variant Grams": chooser.randrange(20, 4000),
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": chooser.randrange(0, 200),
        "Variant Inventory Policy": chooser.choice(("deny", "continue")),
        "Variant Price": f"{price:.2f}",
        "Variant Compare At Price": f"{price + 10:.2f}" if at % 3 == 0 else "",
        "Variant Barcode": f"{number:08}{at:05}",
    }


def product(chooser: random.Random, number: int) -> list[dict[str, object]]:
    name = f"{chooser.choice(STYLES)} {chooser.choice(NOUNS)} {number}"
    rows = [variant(chooser, number, at) for at in range(chooser.randrange(1, 9))]
    images = chooser.choice((1, 1, IMAGES_MAX))
    rows.extend({} for _ in range(images - len(rows)))
    for at in range(images):
        rows[at] |= {
            "Image Src": f"https://images.example/{number}/{at}.jpg",
            "Image Position": at + 1,
            "Image Alt Text": name,
        }
    rows[0] |= {
        "Title": name,
        "Body (HTML)": f"<p>{' '.join(chooser.choices(WORDS, k=60))}.</p>",
        "Vendor": f"Maker {chooser.randrange(40)}",
        "Type": f"Category {chooser.randrange(60)}",
        "Tags": ", ".join(chooser.sample(WORDS, 3)),
        "Published": "true",
        "Option1 Name": "Size",
        "Option2 Name": "Colour",
        "SEO Title": name,
        "Status": "active",
    }
    return [{"Handle": name.lower().replace(" ", "-"), **row} for row in rows]


def main() -> None:
    left = int(sys.argv[1])
    chooser = random.Random(1)
    writer = csv.DictWriter(sys.stdout, HEADER)
    writer.writeheader()
    number = 0
    while left > 0:
        rows = product(chooser, number)[:left]
        writer.writerows(rows)
        left -= len(rows)
        number += 1


if __name__ == "__main__":
    main()
