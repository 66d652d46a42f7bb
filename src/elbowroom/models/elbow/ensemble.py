"""Inference of the elbow network ensemble in NumPy, one step or a batch of trials at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.elbow.heads import OUTPUTS
from elbowroom.models.features.causal import WIDTH

Single = NDArray[np.float32]

WEIGHTS = {
    "embed.weight": "embed",
    "embed.bias": "embed_bias",
    "gru.weight_ih_l0": "input",
    "gru.bias_ih_l0": "input_bias",
    "gru.weight_hh_l0": "recurrent",
    "gru.bias_hh_l0": "recurrent_bias",
    "read.weight": "read",
    "read.bias": "read_bias",
    "out.weight": "out",
    "out.bias": "out_bias",
}
"""Names of a torch network's parameters and of the stacked arrays made of them."""

LAYERS = ("input", "embed", "hidden", "readout", "output")
"""Layers whose activations can be read; the input is normalised."""

_PART = 48
"""Trials that are run at once."""


@dataclass(frozen=True)
class Ensemble:
    """Stacked weights of M networks of equal shape, float32; matrices are stored transposed.

    With x = tanh(W_e (f - mean) / scale + b_e), the GRU of Cho et al. 2014 in torch's gate order
    (reset, update, new) and y = W_o tanh(W_r [h, x] + b_r) + b_o.
    """

    weights: dict[str, Single]
    mean: Single
    scale: Single

    @property
    def members(self) -> int:
        """Number of networks."""
        return int(self.weights["embed"].shape[0])

    @property
    def hidden(self) -> int:
        """Width of the recurrent state."""
        return int(self.weights["recurrent"].shape[1])

    def start(self, batch: int = 1) -> Single:
        """Recurrent state before the first step, shape (M, batch, hidden)."""
        return np.zeros((self.members, batch, self.hidden), np.float32)

    def step(self, state: Single, features: NDArray[Any]) -> tuple[Single, Single]:
        """One grid step.

        Args:
            state: shape (M, batch, hidden).
            features: shape (batch, WIDTH).

        Returns:
            The next state and the raw outputs (M, batch, OUTPUTS).
        """
        w = self.weights
        x = (np.asarray(features, np.float32) - self.mean) / self.scale
        x = np.tanh(x @ w["embed"] + w["embed_bias"])
        state = self._recur(state, x)
        y = np.tanh(np.concatenate([state, x], axis=-1) @ w["read"] + w["read_bias"])
        return state, y @ w["out"] + w["out_bias"]

    def layers(self, state: Single, features: NDArray[Any]) -> dict[str, Single]:
        """Activations of every layer of `LAYERS` in the step that led to a state.

        Args:
            state: recurrent state after the step, (M, batch, hidden).
            features: read in that step, (batch, WIDTH).

        Returns:
            By layer, shape (batch, width); the members of the ensemble side by side.
        """
        w = self.weights
        x = (np.asarray(features, np.float32) - self.mean) / self.scale
        embed = np.tanh(x @ w["embed"] + w["embed_bias"])
        read = np.tanh(np.concatenate([state, embed], axis=-1) @ w["read"] + w["read_bias"])
        out = read @ w["out"] + w["out_bias"]
        stacked = dict(zip(LAYERS[1:], (embed, state, read, out), strict=True))
        rows = {k: np.concatenate(list(v), axis=-1) for k, v in stacked.items()}
        return {LAYERS[0]: x} | rows

    def _recur(self, state: Single, x: Single) -> Single:
        w, n = self.weights, self.hidden
        a = x @ w["input"] + w["input_bias"]
        b = state @ w["recurrent"] + w["recurrent_bias"]
        gates = 1 / (1 + np.exp(-(a[..., : 2 * n] + b[..., : 2 * n])))
        new = np.tanh(a[..., 2 * n :] + gates[..., :n] * b[..., 2 * n :])
        return np.asarray(new + gates[..., n:] * (state - new))

    def run(self, features: NDArray[Any], steps: NDArray[np.int64] | None = None) -> Single:
        """Raw outputs (M, batch, K, OUTPUTS) of whole trials, features (batch, K, WIDTH).

        Args:
            features: padded to K steps.
            steps: how many of them count, (batch,), at least 1; what comes later repeats the last
                output of about as long a trial. None for all.
        """
        batch, most, _ = features.shape
        out = np.empty((self.members, batch, most, OUTPUTS), np.float32)
        last = np.full(batch, most) if steps is None else steps
        # Trials of about equal length together: little is padding, and a part fits the cache.
        for part in np.array_split(np.argsort(last, kind="stable"), -(-batch // _PART)):
            state, count = self.start(len(part)), int(last[part].max())
            for k in range(count):
                state, out[:, part, k] = self.step(state, features[part, k])
            out[:, part, count:] = out[:, part, count - 1 : count]
        return out

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Arrays for an artefact."""
        return {**self.weights, "mean": self.mean, "scale": self.scale}


def stack(states: list[dict[str, Any]]) -> Ensemble:
    """Ensemble of torch state dicts (their values converted with `numpy()`)."""
    weights = {}
    for source, name in WEIGHTS.items():
        arrays = [np.asarray(s[source], np.float32) for s in states]
        if name.endswith("bias"):
            weights[name] = np.stack(arrays)[:, None, :]
        else:
            weights[name] = np.ascontiguousarray(np.stack([a.T for a in arrays]))
    mean = np.asarray(states[0]["mean"], np.float32)
    return Ensemble(weights, mean, np.asarray(states[0]["scale"], np.float32))


def unstack(ensemble: Ensemble) -> list[dict[str, NDArray[Any]]]:
    """The torch state dict of every member: `stack` the other way round."""
    states = []
    for i in range(ensemble.members):
        state: dict[str, NDArray[Any]] = {"mean": ensemble.mean, "scale": ensemble.scale}
        for source, name in WEIGHTS.items():
            array = ensemble.weights[name][i]
            state[source] = array[0] if name.endswith("bias") else np.ascontiguousarray(array.T)
        states.append(state)
    return states


def unpack(tensors: dict[str, NDArray[Any]]) -> Ensemble:
    """Ensemble from an artefact's arrays.

    Raises:
        ValueError: if an array is missing or of a shape that does not fit this version's
            features and outputs.
    """
    missing = sorted({*WEIGHTS.values(), "mean", "scale"} - set(tensors))
    if missing:
        raise ValueError(f"the ensemble lacks {', '.join(missing)}")
    weights = {n: np.asarray(tensors[n], np.float32) for n in WEIGHTS.values()}
    shape = weights["embed"].shape[1], weights["out"].shape[2]
    if shape != (WIDTH, OUTPUTS):
        raise ValueError(
            f"the ensemble maps {shape[0]} features to {shape[1]} outputs, "
            f"this version needs {WIDTH} to {OUTPUTS}"
        )
    return Ensemble(
        weights, np.asarray(tensors["mean"], np.float32), np.asarray(tensors["scale"], np.float32)
    )
