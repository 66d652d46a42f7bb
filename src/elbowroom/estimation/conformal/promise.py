"""What a calibrated estimator is asked to promise."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import Params, name_inputs, param, parse_inputs


@dataclass(frozen=True)
class Promise(Params):
    """The guarantee asked for and the inputs it may rest on."""

    delta: float = param(
        0.05,
        "Probability that the box misses a new person's elbow at any instant.",
        low=0.001,
        high=0.5,
    )
    rule: str = param(
        "confident", "Quantile rule of the calibration.", choices=("plain", "confident")
    )
    confidence: float = param(
        0.95, "Confidence in the coverage under the confident rule.", low=0.5, high=0.999
    )
    tolerance: float = param(
        0.0,
        "Total variation by which new people's scores may differ from those of the people "
        "calibrated on; less than delta.",
        low=0.0,
        high=0.5,
    )
    inputs: str = param(
        "none",
        "Optional inputs to use: none, or some of wrist, progress and effort joined by +.",
    )

    group: str = param(
        "all",
        "Whom the promise is for: all people, or those calibrated on with the same garment, "
        "garment/motion or */motion, if there are enough of them.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "inputs", name_inputs(parse_inputs(self.inputs)))
