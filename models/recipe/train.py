"""Trains the embedded network from scratch; see README.md for the command."""

import argparse
import copy
import time
from concurrent.futures import ThreadPoolExecutor
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import photos as data
from network import Network

BATCH = 32
PEAK_RATE = 0.05
WARM_UP = 0.05
WEIGHT_DECAY = 5e-4
LABEL_SMOOTHING = 0.1
AVERAGE_DECAY = 0.9985
MIXUP = 0.2
MIXUP_UNTIL = 0.85
# (share of the schedule, side of the square input in pixels) up to which it holds.
RESOLUTIONS = ((0.40, 64), (0.75, 96), (1.00, 128))
SHORTER_SIDES = (128, 136, 144)


def resolution(progress: float) -> int:
    return next(side for until, side in RESOLUTIONS if progress < until or until == 1)


def remaining_work(progress: float) -> float:
    """Pixels still to be seen, as a multiple of a whole schedule at 128 x 128; for the time left."""
    work, start = 0.0, 0.0
    for until, side in RESOLUTIONS:
        work += max(0.0, until - max(start, progress)) * (side / 128) ** 2
        start = until
    return work


def learning_rate(progress: float) -> float:
    if progress < WARM_UP:
        return PEAK_RATE * progress / WARM_UP
    return PEAK_RATE * 0.5 * (1 + cos(pi * (progress - WARM_UP) / (1 - WARM_UP)))


def draw_batch(photos: data.Photos, seed: int, step: int, side: int) -> "tuple[np.ndarray, np.ndarray]":
    """The crops and labels of one step; a function of its arguments alone, so a resumed run goes on unchanged."""
    epoch, position = divmod(step, len(photos.labels) // BATCH)
    order = data.sample_epoch(photos.labels, np.random.default_rng([seed, 0, epoch]))
    chosen = order[position * BATCH : (position + 1) * BATCH]
    rng = np.random.default_rng([seed, 1, step])
    return np.stack([data.training_crop(photos.images[i], side, rng) for i in chosen]), photos.labels[chosen]


def training_loss(network: Network, crops: np.ndarray, labels: np.ndarray, seed: int, step: int, progress: float):
    rng = np.random.default_rng([seed, 2, step])
    pixels = data.normalise(data.jitter(data.to_tensor(crops), rng)).contiguous(memory_format=torch.channels_last)
    targets = torch.from_numpy(labels)
    share, order = 1.0, torch.arange(len(targets))
    if progress < MIXUP_UNTIL:
        share, order = rng.beta(MIXUP, MIXUP), torch.from_numpy(rng.permutation(len(targets)))
        pixels = share * pixels + (1 - share) * pixels[order]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(pixels).float()
    loss = functional.cross_entropy(logits, targets, label_smoothing=LABEL_SMOOTHING)
    if share < 1:
        mixed = functional.cross_entropy(logits, targets[order], label_smoothing=LABEL_SMOOTHING)
        loss = share * loss + (1 - share) * mixed
    return loss


def update_average(average: Network, network: Network, step: int) -> None:
    """Exponential moving average of weights and BatchNorm statistics; shorter while there are few steps."""
    decay = min(AVERAGE_DECAY, (1 + step) / (10 + step))
    with torch.no_grad():
        for kept, new in zip(average.state_dict().values(), network.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


def optimiser_of(network: Network) -> torch.optim.SGD:
    weights = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0}]
    return torch.optim.SGD(groups, lr=PEAK_RATE, momentum=0.9, nesterov=True)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    training, validation = data.split(data.load(options.photos))
    network = Network(len(data.class_folders(options.photos))).to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    optimiser = optimiser_of(network)
    steps_per_epoch = len(training.labels) // BATCH
    total_steps = options.epochs * steps_per_epoch
    step, progress, spent = 0, 0.0, 0.0
    if options.checkpoint.exists():
        saved = torch.load(options.checkpoint)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step, progress, spent = saved["step"], saved["progress"], saved["seconds"]
    print(f"{len(training.labels)} training photos, {len(validation.labels)} validation photos, {total_steps} steps", flush=True)

    def save() -> None:
        state = {"network": network.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
        partial = options.checkpoint.with_suffix(".partial")
        torch.save({**state, "step": step, "progress": progress, "seconds": spent}, partial)
        partial.replace(options.checkpoint)

    losses: "list[float]" = []
    began, pace = time.monotonic(), 0.0
    with ThreadPoolExecutor(1) as drawer:
        draw = lambda at, share: drawer.submit(draw_batch, training, options.seed, at, resolution(share))
        upcoming = draw(step, progress)
        while progress < 1:
            started = time.monotonic()
            hurry = 1.0
            if options.minutes is not None and pace > 0:
                left = max(1.0, options.minutes * 60 - (started - began))
                hurry = max(1.0, remaining_work(progress) * pace * total_steps / left)
            next_progress = min(1.0, progress + hurry / total_steps)
            if next_progress > 1 - 0.5 / total_steps:
                next_progress = 1.0
            crops, labels = upcoming.result()
            if next_progress < 1:
                upcoming = draw(step + 1, next_progress)

            network.train()
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(progress)
            loss = training_loss(network, crops, labels, options.seed, step, progress)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            update_average(average, network, step)
            losses.append(loss.item())

            step, progress = step + 1, next_progress
            elapsed = time.monotonic() - started
            spent += elapsed
            # Seconds per step at 128 x 128, smoothed over about a hundred steps.
            measured = elapsed * (128 / crops.shape[1]) ** 2
            pace = measured if pace == 0 else pace + 0.01 * (measured - pace)
            if step % steps_per_epoch == 0 or progress == 1:
                epoch = step // steps_per_epoch
                left = remaining_work(progress) * pace * total_steps / 60
                line = f"epoch {epoch:3d}  {progress:6.1%}  {crops.shape[1]:3d} px  loss {np.mean(losses):.3f}"
                line += f"  {np.sum(spent) / 60:6.1f} min  about {left:5.1f} min left"
                losses.clear()
                if epoch % 5 == 0 or progress == 1:
                    save()
                    for side in SHORTER_SIDES if progress == 1 else SHORTER_SIDES[:1]:
                        top1, top5 = data.evaluate(average, validation, side)
                        line += f"  validation at {side}: {top1:.1f} / {top5:.1f}"
                print(line, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder of training photos, one folder per class")
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoint.pt"), help="written every 5 epochs; resumed from")
    parser.add_argument("--epochs", type=int, default=110)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, help="shorten the schedule to end in about this time (not reproducible)")
    return parser.parse_args()


if __name__ == "__main__":
    train(arguments())
