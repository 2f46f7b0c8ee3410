"""Trains the embedded network from scratch; see README.md for the command."""

import argparse
import copy
import time
from concurrent.futures import ThreadPoolExecutor
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
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
CHECKPOINT_EPOCHS = 5
# Ways to fit a validation photo to the network's input: its shorter side in pixels before the centre crop, or squashed.
SHORTER_SIDES = (128, 136, 144, 152, 160, None)


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
    """The crops and labels of one step; a function of its arguments alone, so that a resumed run goes on unchanged."""
    epoch, position = divmod(step, len(photos.labels) // BATCH)
    order = data.sample_epoch(photos.labels, np.random.default_rng([seed, 0, epoch]))
    chosen = order[position * BATCH : (position + 1) * BATCH]
    rng = np.random.default_rng([seed, 1, step])
    return np.stack([data.training_crop(photos.images[i], side, rng) for i in chosen]), photos.labels[chosen]


def training_loss(
    network: Network, crops: np.ndarray, labels: np.ndarray, seed: int, step: int, progress: float
) -> torch.Tensor:
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


class Pace:
    """How fast the training goes, and how far a step must advance the schedule to end in time."""

    def __init__(self, total_steps: int, minutes: "float | None"):
        self.total_steps = total_steps
        self.deadline = None if minutes is None else time.monotonic() + 60 * minutes
        self.seconds_per_step = 0.0  # at 128 x 128, smoothed over about a hundred steps

    def count(self, seconds: float, side: int) -> None:
        measured = seconds * (128 / side) ** 2
        share = 0.01 if self.seconds_per_step else 1
        self.seconds_per_step += share * (measured - self.seconds_per_step)

    def seconds_left(self, progress: float) -> float:
        return remaining_work(progress) * self.total_steps * self.seconds_per_step

    def advance(self, progress: float) -> float:
        """Progress after the next step: one step of the plan, or more where the plan would end after the deadline."""
        hurry = 1.0
        if self.deadline is not None:
            hurry = max(1.0, self.seconds_left(progress) / max(1.0, self.deadline - time.monotonic()))
        following = progress + hurry / self.total_steps
        return following if following < 1 - 0.5 / self.total_steps else 1.0


class Training:
    """What a checkpoint holds."""

    def __init__(self, classes: int):
        self.network = Network(classes).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network)
        self.optimiser = optimiser_of(self.network)
        self.step, self.progress = 0, 0.0

    def save(self, file: Path) -> None:
        state = {name: part.state_dict() for name, part in self.parts()}
        partial = file.with_suffix(".partial")
        torch.save({**state, "step": self.step, "progress": self.progress}, partial)
        partial.replace(file)

    def restore(self, file: Path) -> None:
        saved = torch.load(file)
        for name, part in self.parts():
            part.load_state_dict(saved[name])
        self.step, self.progress = saved["step"], saved["progress"]

    def parts(self):
        return (("network", self.network), ("average", self.average), ("optimiser", self.optimiser))

    def update(self, crops: np.ndarray, labels: np.ndarray, seed: int) -> float:
        """One step; its loss."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.progress)
        loss = training_loss(self.network, crops, labels, seed, self.step, self.progress)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        update_average(self.average, self.network, self.step)
        return loss.item()


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    training, validation = data.split(data.load(options.photos))
    state = Training(len(data.class_folders(options.photos)))
    if options.checkpoint.exists():
        state.restore(options.checkpoint)
    steps_per_epoch = len(training.labels) // BATCH
    total_steps = options.epochs * steps_per_epoch
    print(f"{len(training.labels)} training photos, {len(validation.labels)} validation photos, {total_steps} steps", flush=True)

    pace = Pace(total_steps, options.minutes)
    losses: "list[float]" = []
    # The next batch is drawn while the network learns from this one.
    with ThreadPoolExecutor(1) as drawer:

        def draw(step: int, progress: float):
            return drawer.submit(draw_batch, training, options.seed, step, resolution(progress))

        upcoming = draw(state.step, state.progress)
        while state.progress < 1:
            started = time.monotonic()
            following = pace.advance(state.progress)
            crops, labels = upcoming.result()
            upcoming = draw(state.step + 1, following)
            losses.append(state.update(crops, labels, options.seed))
            state.step, state.progress = state.step + 1, following
            pace.count(time.monotonic() - started, crops.shape[1])
            if state.step % steps_per_epoch and state.progress < 1:
                continue
            epoch = state.step // steps_per_epoch
            line = f"epoch {epoch:3d}  {state.progress:6.1%}  {crops.shape[1]:3d} pixels  loss {np.mean(losses):.3f}"
            print(f"{line}  about {pace.seconds_left(state.progress) / 60:.0f} min left", flush=True)
            losses.clear()
            if epoch % CHECKPOINT_EPOCHS == 0 or state.progress == 1:
                state.save(options.checkpoint)
                report(state, validation)


def report(state: Training, validation: data.Photos) -> None:
    """Prints the validation accuracy; in the end of every way to fit a photo to the network's input."""
    for side in SHORTER_SIDES if state.progress == 1 else SHORTER_SIDES[:1]:
        top1, top5 = data.evaluate(state.average, validation, side)
        way = "squashed" if side is None else f"shorter side {side}"
        print(f"validation, {way}: Top-1 {top1:.1f}, Top-5 {top5:.1f}", flush=True)


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
