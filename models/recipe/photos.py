"""Photos from a folder per class: decoded once, split, sampled, augmented for training, cropped for evaluation."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from network import INPUT_SIZE, MEAN, STD

GREY = (128, 128, 128)
# One photo in this many, of each class, is kept out of training for choices.
VALIDATION_EVERY = 16


class Photos(NamedTuple):
    images: "list[Image.Image]"  # RGB, 8 bits
    labels: np.ndarray  # [N] class indices

    def part(self, chosen: np.ndarray) -> "Photos":
        return Photos([self.images[i] for i in chosen], self.labels[chosen])


def class_folders(folder: Path) -> "list[str]":
    """Class index = rank of the folder's name, by code point."""
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


def load(folder: Path) -> Photos:
    images, labels = [], []
    for label, name in enumerate(class_folders(folder)):
        for path in sorted((folder / name).iterdir()):
            # Some photos are grey or have a palette.
            images.append(Image.open(path).convert("RGB"))
            labels.append(label)
    return Photos(images, np.array(labels))


def split(photos: Photos) -> "tuple[Photos, Photos]":
    """(training, validation); every class gives its share of the validation photos."""
    rank = np.zeros(len(photos.labels), dtype=int)
    for label in np.unique(photos.labels):
        members = np.flatnonzero(photos.labels == label)
        rank[members] = np.arange(len(members))
    held_out = rank % VALIDATION_EVERY == VALIDATION_EVERY // 2
    return photos.part(np.flatnonzero(~held_out)), photos.part(np.flatnonzero(held_out))


def sample_epoch(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many indices as photos, a class drawn in proportion to the square root of its count.

    Systematic sampling: no photo is drawn more than once oftener than its expectation."""
    weights = 1 / np.sqrt(np.bincount(labels))[labels]
    edges = np.cumsum(weights / weights.sum())
    positions = (np.arange(len(labels)) + rng.random()) / len(labels)
    return rng.permutation(np.minimum(np.searchsorted(edges, positions), len(labels) - 1))


def training_crop(image: Image.Image, size: int, rng: np.random.Generator) -> np.ndarray:
    """A random crop, uint8 [size, size, 3]: 0.3 to 1.0 of the area, its aspect between square and the photo's own
    (which squashes), flipped one time in two, rotated by up to 20 degrees one time in four."""
    if rng.random() < 0.25:
        image = image.rotate(rng.uniform(-20, 20), Image.BILINEAR, fillcolor=GREY)
    aspect = (image.width / image.height) ** rng.random()
    height = min(image.height, image.width / aspect) * np.sqrt(rng.uniform(0.3, 1.0))
    width = height * aspect
    left = rng.uniform(0, image.width - width)
    top = rng.uniform(0, image.height - height)
    box = (max(left, 0), max(top, 0), min(left + width, image.width), min(top + height, image.height))
    pixels = np.asarray(image.resize((size, size), Image.BILINEAR, box=box))
    return pixels[:, ::-1] if rng.random() < 0.5 else pixels


def normalise(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels - MEAN) / STD


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in [0, 1], channels last in memory."""
    return torch.tensor(pixels).permute(0, 3, 1, 2).float().div_(255)


def jitter(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Brightness, contrast and saturation by up to 40 %, then a rectangle erased one time in four."""
    count, _, size, _ = pixels.shape
    factors = torch.from_numpy(rng.uniform(0.6, 1.4, (3, count, 1, 1, 1)).astype(np.float32))
    luma = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    pixels = pixels * factors[0]
    grey = (pixels * luma).sum(1, keepdim=True).mean((2, 3), keepdim=True)
    pixels = grey + (pixels - grey) * factors[1]
    grey = (pixels * luma).sum(1, keepdim=True)
    pixels = (grey + (pixels - grey) * factors[2]).clamp_(0, 1)
    for index in np.flatnonzero(rng.random(count) < 0.25):
        area, aspect = rng.uniform(0.02, 0.25), np.exp(rng.uniform(-1, 1))
        height, width = (min(int(size * np.sqrt(area * ratio)), size - 1) for ratio in (aspect, 1 / aspect))
        top, left = rng.integers(size - height), rng.integers(size - width)
        colour = torch.from_numpy(rng.random((3, 1, 1)).astype(np.float32))
        pixels[index, :, top : top + height, left : left + width] = colour
    return pixels


def evaluation_crop(image: Image.Image, shorter_side: "int | None") -> np.ndarray:
    """What Fovea does at inference, uint8 [128, 128, 3]: the shorter side resized and the centre cut out, or squashed."""
    if shorter_side is None:
        return np.asarray(image.resize((INPUT_SIZE, INPUT_SIZE), Image.BILINEAR))
    width, height = (side * shorter_side // min(image.size) for side in image.size)
    resized = image.resize((width, height), Image.BILINEAR)
    # As torchvision's CenterCrop: half to even.
    left, top = round((width - INPUT_SIZE) / 2), round((height - INPUT_SIZE) / 2)
    return np.asarray(resized)[top : top + INPUT_SIZE, left : left + INPUT_SIZE]


def evaluate(network: torch.nn.Module, photos: Photos, shorter_side: "int | None") -> "tuple[float, float]":
    """(Top-1, Top-5) in percent."""
    network.eval()
    ranks = []
    with torch.no_grad():
        for start in range(0, len(photos.images), 64):
            crops = np.stack([evaluation_crop(image, shorter_side) for image in photos.images[start : start + 64]])
            logits = network(normalise(to_tensor(crops)))
            labels = torch.from_numpy(photos.labels[start : start + 64])
            ranks.append((logits > logits.gather(1, labels[:, None])).sum(1))
    rank = torch.cat(ranks)
    return tuple(100 * (rank < k).float().mean().item() for k in (1, 5))
