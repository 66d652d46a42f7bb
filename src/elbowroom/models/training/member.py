"""Training of one member of the elbow ensemble: seeded, resumable, with a checkpoint an epoch."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from elbowroom.core import ParameterError, Params, param
from elbowroom.models.elbow.network import ElbowNetwork, loss
from elbowroom.models.features.causal import VISIBLE
from elbowroom.models.training.augment import AugmentParams, Batch, augment, first_guess
from elbowroom.models.training.dataset import Dataset, digest
from elbowroom.models.training.refinement import edge_loss, unit_bounds

_AUGMENT = AugmentParams()
_LIKELIHOOD = 0.2
"""Weight of the likelihood while refining."""

Progress = Callable[[int, int, float], None]
"""Called with (epoch, epochs, held-out loss)."""


@dataclass(frozen=True)
class TrainParams(Params):
    """How the elbow ensemble is trained."""

    members: int = param(4, "Networks in the ensemble.", low=1, high=16)
    epochs: int = param(40, "Passes with the likelihood as loss.", low=1, high=1000)
    refine: int = param(15, "Further passes with the box's edge as loss.", low=0, high=1000)
    batch: int = param(64, "People in a gradient step.", low=1, high=4096)
    refine_batch: int = param(
        512, "People in a gradient step on the edge, a quantile of whom is taken.", low=1, high=8192
    )
    hidden: int = param(96, "Width of the recurrent state.", low=8, high=1024)
    rate: float = param(4e-3, "Peak learning rate of the one-cycle schedule.", low=1e-6, high=1.0)
    refine_rate: float = param(1e-3, "The same while refining.", low=1e-6, high=1.0)
    decay: float = param(1e-2, "Weight decay.", low=0.0, high=1.0)
    dropout: float = param(0.1, "Share of hidden values dropped.", low=0.0, high=0.9)
    held_out: float = param(0.08, "Share of people kept for the loss shown.", low=0.01, high=0.5)
    seed: int = param(0, "Seed of the first member; member i uses seed + i.", low=0)
    start: str = param(
        "",
        "artefact whose networks are trained on, of as many members and as wide, trained on other "
        "people before; none: new ones",
    )
    device: str = param(
        "auto", "where to train; auto takes a GPU if there is one", choices=("auto", "cpu", "cuda")
    )


def train_member(
    data: Dataset,
    params: TrainParams,
    seed: int,
    checkpoint: Path,
    progress: Progress | None = None,
    first: dict[str, NDArray[Any]] | None = None,
) -> dict[str, NDArray[Any]]:
    """Train one network; continues from `checkpoint` if that holds the same run.

    Args:
        data: training people.
        params: see `TrainParams`.
        seed: of weights, order and augmentation.
        checkpoint: file stem; all of a checkpoint is in one file, `.safetensors`.
        progress: told after every epoch.
        first: parameters by torch name to start from; None for random ones.

    Returns:
        The network's parameters by torch name.
    """
    run = _Run(data, params, seed, _hash_weights(first or {}))
    if first is not None:
        run.network.load_state_dict({k: torch.from_numpy(v) for k, v in first.items()})
    run.restore(checkpoint)
    whole = params.epochs + params.refine
    while run.epoch < whole:
        run.train_epoch()
        run.save(checkpoint)
        if progress:
            progress(run.epoch, whole, run.held_out_loss())
    return {k: v.detach().cpu().numpy() for k, v in run.network.state_dict().items()}


class _Run:
    """Everything that changes while training."""

    def __init__(self, data: Dataset, params: TrainParams, seed: int, first: str) -> None:
        self.params, self.seed, self.epoch = params, seed, 0
        # Paths and numbers say too little: what lies there may have changed.
        self.made_of = {"data": digest(data), "first": first}
        self.device = pick_device(params.device)
        self.features = torch.from_numpy(data.features).to(self.device)
        self.visible = torch.tensor(VISIBLE, device=self.device)
        self.elbow = torch.from_numpy(data.elbow).to(self.device)
        self.length = torch.from_numpy(data.length.astype(np.float32)).to(self.device)
        self.mask = torch.from_numpy(data.mask.astype(np.float32)).to(self.device)
        self.steps = data.steps
        order = np.random.default_rng(seed).permutation(len(data))
        held = max(1, round(params.held_out * len(data)))
        self.held, self.people = order[:held], order[held:] if held < len(data) else order
        torch.manual_seed(seed)
        self.network = ElbowNetwork(params.hidden, *_normalisation(data), params.dropout)
        self.network.to(self.device)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=params.rate, weight_decay=params.decay
        )

    def train_epoch(self) -> None:
        # Order and augmentation depend on (seed, epoch) alone, so a resumed run is the same run.
        rng = np.random.default_rng([self.seed, self.epoch])
        torch.manual_seed(int(rng.integers(2**31)))
        p, refining = self.params, self.epoch >= self.params.epochs
        count = -(-len(self.people) // (p.refine_batch if refining else p.batch))
        for i, index in enumerate(np.array_split(rng.permutation(self.people), count)):
            self._set_rate(self.epoch + i / count, refining)
            batch = augment(self._batch(index, draw_inputs(rng, len(index))), _AUGMENT, rng)
            value = self._loss(batch, index, refining)
            self.optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimiser.step()
        self.epoch += 1

    def _set_rate(self, epoch: float, refining: bool) -> None:
        p = self.params
        share = (epoch - p.epochs) / p.refine if refining else epoch / p.epochs
        for group in self.optimiser.param_groups:
            group["lr"] = one_cycle(share) * (p.refine_rate if refining else p.rate)

    def held_out_loss(self) -> float:
        self.network.eval()
        with torch.no_grad():
            value = self._loss(self._batch(self.held, np.zeros(len(self.held), int)), self.held)
        self.network.train()
        return float(value)

    def _batch(self, index: Any, inputs: Any) -> Batch:
        # Each person keeps the optional inputs of one of `core.SUBSETS`.
        # Most people are dressed in half the time of the slowest: padding is left out.
        longest = int(self.steps[index].max())
        features = self.features[index, :longest] * self.visible[inputs][:, None]
        length = self.length[index][:, None].expand(features.shape[:2])
        return Batch(features, length, self.elbow[index, :longest])

    def _loss(self, batch: Batch, index: Any, refining: bool = False) -> Tensor:
        raw = self.network(batch.features)
        mask = self.mask[index, : raw.shape[1]]
        known = raw, first_guess(batch.features), batch.length, batch.elbow
        likelihood = loss(*known, mask)
        if not refining:
            return likelihood
        # The likelihood keeps the motion's heads, of which the edge knows nothing.
        return edge_loss(unit_bounds(*known), mask) + _LIKELIHOOD * likelihood

    def save(self, stem: Path) -> None:
        stem.parent.mkdir(parents=True, exist_ok=True)
        tensors = {f"net.{k}": v for k, v in self.network.state_dict().items()}
        for i, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"opt.{i}.{k}": v for k, v in state.items()}
        # One file, replaced in one step: weights and epoch never come from different moments.
        facts = {"facts": json.dumps(self._identity() | {"epoch": self.epoch})}
        tensors = {k: v.contiguous() for k, v in tensors.items()}
        save_file(tensors, stem.with_suffix(".part"), metadata=facts)
        os.replace(stem.with_suffix(".part"), stem.with_suffix(".safetensors"))

    def restore(self, stem: Path) -> None:
        path = stem.with_suffix(".safetensors")
        if not path.exists():
            return
        try:
            with safe_open(path, "pt") as file:
                facts = json.loads(file.metadata()["facts"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            epoch = facts.pop("epoch")
        except (OSError, SafetensorError, ValueError, TypeError, KeyError) as error:
            logging.getLogger("elbowroom").warning(
                "the checkpoint %s cannot be read, its training begins anew: %s", path.name, error
            )
            return
        if facts != self._identity():
            return
        self.network.load_state_dict(
            {k.removeprefix("net."): v for k, v in tensors.items() if k.startswith("net.")}
        )
        state = self.optimiser.state_dict()
        state["state"] = _optimiser_state(tensors)
        self.optimiser.load_state_dict(state)
        self.epoch = epoch

    def _identity(self) -> dict[str, Any]:
        return {"params": dict(vars(self.params)), "seed": self.seed, **self.made_of}


def _hash_weights(tensors: dict[str, NDArray[Any]]) -> str:
    h = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        h.update(name.encode() + np.ascontiguousarray(value).tobytes())
    return h.hexdigest()[:16]


def pick_device(name: str) -> torch.device:
    """The device of this name; "auto" is a GPU if there is one.

    Raises:
        ParameterError: if a GPU is asked for and there is none.
    """
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise ParameterError("device cuda was asked for, and torch sees no GPU")
    return torch.device("cuda" if there and name != "cpu" else "cpu")


def draw_inputs(rng: np.random.Generator, people: int) -> NDArray[np.int64]:
    """Which of `core.SUBSETS` each person keeps: none for 45 %, the wrist for 25 %, else any other.

    Every choice has to be learned, but none of the optional inputs is what most rooms have, and a
    camera that sees the hand is the next.
    """
    others = len(VISIBLE) - 2
    return rng.choice(len(VISIBLE), people, p=[0.45, 0.25, *[0.3 / others] * others])


def one_cycle(share: float) -> float:
    """Share of the peak learning rate: cosine up from 1/25 until 0.3, then down to 1/10000.

    Smith and Topin 2019, arXiv 1708.07120.

    Args:
        share: how much of the training is over, 0 to 1.
    """
    if share < 0.3:
        low, high, way = 0.04, 1.0, share / 0.3
    else:
        low, high, way = 1.0, 1e-4, (share - 0.3) / 0.7
    return low + (high - low) * 0.5 * (1.0 - math.cos(math.pi * way))


def _optimiser_state(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("opt."):
            _, index, name = key.split(".", 2)
            state.setdefault(int(index), {})[name] = value
    return state


def _normalisation(data: Dataset) -> tuple[Tensor, Tensor]:
    rows = data.features[data.mask].astype(np.float64)
    # A floor keeps features that hardly vary from being blown up.
    return (
        torch.from_numpy(rows.mean(0).astype(np.float32)),
        torch.from_numpy(np.maximum(rows.std(0), 1e-2).astype(np.float32)),
    )
