"""Prints what Pillow (Debian 12: python3-pil 9.4) makes of synthetic pictures, for resample.test.ts:

    /usr/bin/python3 test/shared/pillow-digests.py > test/shared/pillow-digests.json

and, with a folder, one digest of all its photos, the centre 224 of 256 pixels, for the test of the 250 photos in image-file.test.ts.
Resized and cropped as torchvision's Resize and CenterCrop do. Outside of the tests, which need no Python."""

import hashlib
import json
import sys
from pathlib import Path

from PIL import Image

# Width and height of the picture, shorter side or none to squash, width and height of the crop.
CASES = [
    (500, 375, 256, 224, 224),
    (375, 500, 256, 224, 224),
    (1031, 397, 152, 128, 128),
    (2000, 61, 73, 64, 64),
    (333, 334, 256, 224, 224),
    (100, 75, 256, 224, 224),
    (61, 77, 256, 224, 224),
    (300, 90, None, 128, 160),
    (257, 500, None, 300, 33),
    (256, 256, 256, 224, 224),
    (256, 300, 256, 224, 224),
    (9, 8, 37, 32, 32),
    (43, 41, 9, 7, 8),
    (8, 8, None, 1, 1),
    (503, 375, 256, 224, 224),
    (1700, 1300, 256, 224, 224),
]


def picture(width: int, height: int) -> Image.Image:
    """Noise over a slope, and a patch of black and white."""
    data = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                noise = ((x * 73856093 ^ y * 19349663 ^ c * 83492791) & 0xFFFFFFFF) >> 13 & 255
                patch = x % 32 < 16 and y % 32 < 16
                data.append((noise & 1) * 255 if patch else (noise + 2 * x + 3 * y) >> 1 & 255)
    return Image.frombytes("RGB", (width, height), bytes(data))


def resized(case: tuple, filter: int, image: Image.Image) -> bytes:
    width, height, side, crop_width, crop_height = case
    shorter = min(width, height)
    # torchvision.transforms.functional: Resize gives the longer side int(size * long / short), CenterCrop rounds half to even.
    size = (crop_width, crop_height) if side is None else tuple(side if n == shorter else int(side * n / shorter) for n in (width, height))
    left, top = (int(round((n - crop) / 2.0)) for n, crop in zip(size, (crop_width, crop_height)))
    return image.resize(size, filter).crop((left, top, left + crop_width, top + crop_height)).tobytes()


def digest(case: tuple, filter: int, image: Image.Image) -> str:
    return hashlib.sha256(resized(case, filter, image)).hexdigest()


if len(sys.argv) > 1:
    whole = hashlib.sha256()
    for path in sorted(Path(sys.argv[1]).iterdir()):
        photo = Image.open(path).convert("RGB")
        whole.update(resized((*photo.size, 256, 224, 224), Image.BILINEAR, photo))
    print(whole.hexdigest())
    sys.exit()

rows = []
for case in CASES:
    image = picture(case[0], case[1])
    rows.append(
        {
            "image": case[:2],
            "resizeShorterSide": case[2],
            "crop": case[3:],
            "bilinear": digest(case, Image.BILINEAR, image),
            "bicubic": digest(case, Image.BICUBIC, image),
        }
    )
print("[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]")
