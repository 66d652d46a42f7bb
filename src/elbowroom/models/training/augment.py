"""Random changes of training trials that leave what is to be learned true.

Every person is recorded once, with one draw of the sensors' errors. Turning the trial about the
vertical and drawing further errors of the kinds that the sensors make keeps the network from
learning those of the recording.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from elbowroom.core import JOINTS, Params, param
from elbowroom.models.features.causal import NAMES


@dataclass(frozen=True)
class AugmentParams(Params):
    """Standard deviations of the further errors, drawn once a trial."""

    yaw: float = param(0.4, "Largest turn about the vertical.", unit="rad", low=0.0, high=3.2)
    shoulder: float = param(0.003, "Seen shoulder, each axis.", unit="m", low=0.0, high=0.1)
    sighting: float = param(0.003, "Seen elbow, each axis.", unit="m", low=0.0, high=0.1)
    length: float = param(0.002, "Measured lengths.", unit="m", low=0.0, high=0.1)
    progress: float = param(0.003, "Bias of the cuff's seen way.", unit="m", low=0.0, high=0.1)
    effort: float = param(0.1, "Bias of every joint's torque.", unit="N m", low=0.0, high=5.0)
    force: float = param(0.08, "Bias of the force, each axis.", unit="N", low=0.0, high=5.0)


@dataclass(frozen=True)
class Batch:
    """Trials of a gradient step.

    Attributes:
        features: (B, K, WIDTH).
        length: measured upper arm [m], (B, K).
        elbow: true elbow minus anchor [m], (B, K, 3).
    """

    features: Tensor
    length: Tensor
    elbow: Tensor


def augment(batch: Batch, params: AugmentParams, rng: np.random.Generator) -> Batch:
    """Turn every trial and add further errors of its sensors."""
    count = len(batch.features)
    device = batch.features.device
    turns = rng.uniform(-params.yaw, params.yaw, count)
    angle = torch.as_tensor(turns, dtype=torch.float32, device=device)
    features, elbow = rotate(batch.features, angle), turn(batch.elbow, angle)

    def draw(scale: float, *shape: int) -> Tensor:
        drawn = scale * rng.normal(size=(count, 1, *shape))
        return torch.as_tensor(drawn, dtype=torch.float32, device=device)

    shift, lengths = draw(params.shoulder, 3), draw(params.length, 2)
    _shift_anchor(features, shift)
    features[..., _SIGHTING] += draw(params.sighting, 3)
    _bias_force(features, draw(params.force, 3))
    features[..., _LENGTHS] += lengths
    # A value that is not seen has weight 0 and stays 0.
    features[..., _PROGRESS] += features[..., _PROGRESS_WEIGHT] * draw(params.progress, 1)
    features[..., _EFFORT] += features[..., _EFFORT_WEIGHT] * draw(params.effort, JOINTS)
    return Batch(features, batch.length + lengths[..., 0], elbow - shift)


def first_guess(features: Tensor) -> Tensor:
    """`dataset.guess_direction` in torch, (B, K, WIDTH) -> (B, K, 3)."""
    sighted = features[..., _SIGHTED] > 0.5
    vector = torch.where(sighted, features[..., _SIGHTING], features[..., _START])
    size = vector.norm(dim=-1, keepdim=True)
    ahead = torch.tensor([1.0, 0.0, 0.0], device=features.device)
    return torch.where(size > 1e-6, vector / size.clamp_min(1e-6), ahead)


def rotate(features: Tensor, angle: Tensor) -> Tensor:
    """Turn every vector feature about the vertical; features (B, K, WIDTH), angle (B,) [rad]."""
    out = features.clone()
    c, s = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
    x, y = features[..., _X], features[..., _Y]
    out[..., _X] = c * x - s * y
    out[..., _Y] = s * x + c * y
    return out


def turn(vectors: Tensor, angle: Tensor) -> Tensor:
    """Turn vectors (B, K, 3) about the vertical by angles (B,) [rad]."""
    c, s = torch.cos(angle)[:, None], torch.sin(angle)[:, None]
    x, y, z = vectors.unbind(-1)
    return torch.stack([c * x - s * y, s * x + c * y, z], dim=-1)


def _shift_anchor(features: Tensor, shift: Tensor) -> None:
    for part in (_GRIPPER, _SIGHTING, _START):
        features[..., part] -= shift
    features[..., _WRIST] -= features[..., _WEIGHT] * shift
    features[..., _REACH] = features[..., _GRIPPER].norm(dim=-1, keepdim=True)


def _bias_force(features: Tensor, bias: Tensor) -> None:
    for part in _FORCES:
        features[..., part] += bias
    size = features[..., _FORCES[0]].norm(dim=-1, keepdim=True)
    # The same formulas as in `features.read`.
    features[..., _DIRECTION] = features[..., _FORCES[0]] / (size + 0.2)
    features[..., _LOG] = torch.log(size + 0.2)


def _vector(name: str) -> slice:
    start = NAMES.index(f"{name}_x")
    return slice(start, start + 3)


def _scalar(name: str, width: int = 1) -> slice:
    return slice(NAMES.index(name), NAMES.index(name) + width)


_X = [i for i, name in enumerate(NAMES) if name.endswith("_x")]
_Y = [i + 1 for i in _X]
_GRIPPER, _SIGHTING = _vector("gripper_from_anchor"), _vector("sighting_from_anchor0")
_START, _WRIST = _vector("start_gripper_from_anchor0"), _vector("wrist_from_anchor")
_SIGHTED = _scalar("sighted")
_WEIGHT, _REACH, _LENGTHS = _scalar("wrist_weight"), _scalar("reach"), _scalar("upper_arm", 2)
_PROGRESS, _PROGRESS_WEIGHT = _scalar("progress"), _scalar("progress_weight")
_EFFORT, _EFFORT_WEIGHT = _scalar("effort_1", JOINTS), _scalar("effort_weight")
_FORCES = [_vector(f"force_{span}") for span in ("50ms", "200ms", "1s")]
_DIRECTION, _LOG = _vector("force_direction"), _scalar("log_force")
