"""Detection rate by layer of an image network under projected gradient descent.

A small residual network learns digits drawn from fonts on a cluttered background. Its test images
are attacked within eps. Every layer, flattened and scaled feature by feature, is compared with
clean images of the reference, 100 against 100, a hundred times, class-conditioned.

Run `python benchmarks/attack.py`; prints the table of docs/monitoring.md. `--quick` trains for
seconds only; `--weights FILE` keeps the network and takes it from there the next time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from safetensors.torch import load_file, save_file
from scipy.ndimage import gaussian_filter
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from elbowroom.monitoring.sequential.scaling import fit_scaler
from elbowroom.monitoring.twosample.detection import detection_rate
from elbowroom.monitoring.twosample.ladis import ladis_p_values, mean_embedding_score
from elbowroom.monitoring.twosample.ranking import nearest_reference_distance

SIDE = 28
CLUTTER, GRAIN = 0.12, 0.03  # deviations of the background: patches of two pixels, single pixels
INK = (80, 160)  # of 255 above the background
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono-Oblique.ttf")
Rows = dict[str, NDArray[np.float64]]


class Block(nn.Module):
    """relu(x + conv(relu(conv(x)))), a stride and a wider shortcut where asked for."""

    def __init__(self, width: int, wider: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, wider, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(wider, wider, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(wider), nn.BatchNorm2d(wider)])
        same = stride == 1 and width == wider
        self.shortcut = nn.Identity() if same else nn.Conv2d(width, wider, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map a batch of channels, (b, width, h, w)."""
        inner = functional.relu(self.norms[0](self.first(x)))
        return functional.relu(self.shortcut(x) + self.norms[1](self.second(inner)))


class Network(nn.Module):
    """Eight residual blocks between a stem and the mean over the picture."""

    def __init__(self) -> None:
        super().__init__()
        widths = (8, 8, 8, 16, 16, 24, 24, 32, 32)
        stem = nn.Conv2d(1, widths[0], 3, 1, 1, bias=False)
        self.stem = nn.Sequential(stem, nn.BatchNorm2d(widths[0]))
        steps = pairwise(widths)
        blocks = [Block(a, b, 2 if b > a else 1) for a, b in steps]
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(widths[-1], 10)

    def layers(self, x: Tensor) -> dict[str, Tensor]:
        """Every layer's output for images of shape (b, 1, 28, 28)."""
        out = {"input": x, "stem": functional.relu(self.stem(x))}
        x = out["stem"]
        for i, block in enumerate(self.blocks, 1):
            out[f"block {i}"] = x = block(x)
        out["average pool"] = x.mean(dim=(2, 3))
        out["logits"] = self.head(out["average pool"])
        return out

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (b, 10)."""
        return self.layers(x)["logits"]


def draw_digits(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images in [0, 1], shape (count, 1, 28, 28), and their digits."""
    rng = np.random.default_rng(seed)
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    fonts = [ImageFont.truetype(str(folder / f), s) for f in FONTS for s in range(16, 25)]
    digits = rng.integers(10, size=count)
    images = np.empty((count, 1, SIDE, SIDE), dtype=np.float32)
    for image, digit in zip(images, digits, strict=True):
        page = Image.new("L", (SIDE, SIDE))
        corner = tuple(rng.uniform(11, 17, 2))
        font = fonts[rng.integers(len(fonts))]
        ImageDraw.Draw(page).text(corner, str(digit), int(rng.integers(*INK)), font, "mm")
        turned = page.rotate(rng.uniform(-25, 25), Image.Resampling.BILINEAR)
        image[0] = np.asarray(turned) / 255.0
    patches = gaussian_filter(rng.standard_normal(images.shape), (0, 0, 2, 2))
    images += 0.15 + CLUTTER / patches.std() * patches
    images += GRAIN * rng.standard_normal(images.shape)
    return torch.from_numpy(np.clip(images, 0, 1)), torch.from_numpy(digits)


def train(images: Tensor, digits: Tensor, epochs: int, device: str) -> Network:
    """Train by AdamW and one cycle of the learning rate."""
    network = Network().to(device)
    batches = len(images) // 128
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, epochs * batches)
    for _ in tqdm(range(epochs), "training"):
        for chosen in torch.randperm(len(images))[: batches * 128].view(batches, 128):
            optimiser.zero_grad()
            loss = functional.cross_entropy(
                network(images[chosen].to(device)), digits[chosen].to(device)
            )
            loss.backward()
            optimiser.step()
            rate.step()
    return network.eval()


def attack(network: Network, images: Tensor, eps: float, steps: int = 20) -> Tensor:
    """Projected gradient descent away from the predicted class, |change| <= eps, within [0, 1]."""
    with torch.no_grad():
        labels = network(images).argmax(dim=1)
    changed = (images + eps * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
    for _ in range(steps):
        changed.requires_grad_(True)
        loss = functional.cross_entropy(network(changed), labels)
        (slope,) = torch.autograd.grad(loss, changed)
        moved = changed.detach() + 2.5 * eps / steps * slope.sign()
        changed = (images + (moved - images).clamp(-eps, eps)).clamp(0, 1)
    return changed


def read_layers(network: Network, images: Tensor) -> Rows:
    """Every layer as rows, flattened."""
    rows: dict[str, list[NDArray[np.float64]]] = {}
    with torch.no_grad():
        for batch in images.split(256):
            for name, value in network.layers(batch).items():
                rows.setdefault(name, []).append(value.flatten(1).cpu().numpy().astype(float))
    return {name: np.concatenate(parts) for name, parts in rows.items()}


def rate(reference: Rows, sample: Rows, classes: tuple, draws: int, test: Callable | None) -> dict:
    """Detection rate by layer."""
    more = {} if test is None else {"test": test}
    return detection_rate(reference, sample, draws=draws, classes=classes, **more)


def auroc(clean: NDArray[np.float64], attacked: NDArray[np.float64]) -> float:
    """Chance that an attacked score exceeds a clean one."""
    return float((attacked[:, None] > clean).mean() + 0.5 * (attacked[:, None] == clean).mean())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--eps", type=float, default=0.03)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    count, epochs = (1000, 1) if options.quick else (4000, 3)
    if options.weights is not None and options.weights.is_file():
        network = Network().to(options.device).eval()
        network.load_state_dict(load_file(options.weights))
    else:
        network = train(*draw_digits(count, options.seed), epochs, options.device)
    if options.weights is not None:
        save_file(network.state_dict(), options.weights)
    images, digits = draw_digits(1500, options.seed + 1)
    images, digits = images.to(options.device), digits.to(options.device)
    known, clean, target = images[:1000], images[1000:1250], images[1250:]
    attacked = torch.cat([attack(network, part, options.eps) for part in target.split(125)])
    report(network, known, clean, target, attacked, digits, options.draws)


def report(
    network: Network,
    known: Tensor,
    clean: Tensor,
    target: Tensor,
    attacked: Tensor,
    digits: Tensor,
    draws: int,
) -> None:
    """Accuracy, detection by layer, ranking of single images."""
    predicted = [network(x).argmax(dim=1).cpu().numpy() for x in (known, clean, attacked)]
    truth = digits.cpu().numpy()
    print(f"accuracy: clean {np.mean(predicted[1] == truth[1000:1250]):.3f}", end=", ")
    print(f"attacked {np.mean(predicted[2] == truth[1250:]):.3f}")
    rows = [read_layers(network, x) for x in (known, clean, attacked)]
    scalers = {name: fit_scaler(x) for name, x in rows[0].items()}
    rows = [{name: scalers[name].scale(x) for name, x in layers.items()} for layers in rows]
    columns = []
    for test in (ladis_p_values, None):
        for live in (1, 2):
            classes = (predicted[0], predicted[live])
            columns.append(rate(rows[0], rows[live], classes, draws, test))
    print("| layer | LADIS, clean | LADIS, attacked | max-T, clean | max-T, attacked |")
    print("|---|---|---|---|---|")
    for name in columns[-1]:
        cells = (f"{100 * c[name]:.0f}" if name in c else "-" for c in columns)
        print(f"| {name} | " + " | ".join(cells) + " |")
    half = len(target) // 2
    x, y, z = (layers["average pool"] for layers in rows)
    mixed = np.vstack([y[:half], z[:half]])
    near = nearest_reference_distance(x, mixed)
    score = mean_embedding_score(x[: len(mixed)], mixed, mixed)
    for name, s in (("distance to 5 nearest", near), ("mean-embedding score", score)):
        print(f"ranking by {name}: AUROC {auroc(s[:half], s[half:]):.2f}")


if __name__ == "__main__":
    main()
