"""The trusted reference: frozen, hashed, and tied to one version of the learned model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.monitoring.checks import Array, require
from elbowroom.monitoring.dressing.channel import DressingChannel, pack_channel, unpack_channel
from elbowroom.monitoring.dressing.dressings import Projection

SCHEMA = "monitor_reference"
_UNIT, _SAMPLE = "unit", "sample"


@dataclass(frozen=True)
class Reference:
    """What live readings are compared with.

    Attributes:
        model_version: of the learned model whose layers were read.
        layers: their names.
        period: time between readings [s].
        tau: autocorrelation time within a dressing, or its length if that is shorter [s].
        projections: by layer.
        units: summaries of whole dressings of the calibration people by layer, shape (n, 2 k).
        samples: components of single readings of theirs by layer, shape (m, k), thinned out.
        owners: number of the dressing that each sample is of, shape (m,).
        channel: the alarm within a dressing.
        facts: seed, people, hash of the recordings.
        digest: sha256 of the stored arrays, the alarm's threshold among them; empty until saved.
    """

    model_version: str
    layers: tuple[str, ...]
    period: float
    tau: float
    projections: Mapping[str, Projection]
    units: Mapping[str, Array]
    samples: Mapping[str, Array]
    owners: NDArray[np.int64]
    channel: DressingChannel
    facts: Mapping[str, Any]
    digest: str = ""

    def project(self, layers: Mapping[str, NDArray[np.floating]]) -> dict[str, Array]:
        """Components by layer of activations by layer.

        Raises:
            MonitoringError: if a layer is missing, of another width, or not finite.
        """
        found = {}
        for name in self.layers:
            require(name in layers, f"no layer {name} among {sorted(layers)}")
            x, width = np.asarray(layers[name]), self.projections[name].width
            require(
                x.shape[-1] == width, f"layer {name} has {x.shape[-1]} values, expected {width}"
            )
            require(np.isfinite(x).all(), f"layer {name} is not finite")
            found[name] = self.projections[name].apply(x)
        return found

    def check_readings(self, layers: Sequence[str], period: float, inputs: str) -> None:
        """Refuse to watch readings that are not taken as the reference's were.

        Args:
            layers: that are read.
            period: between readings [s].
            inputs: optional inputs of the estimator.

        Raises:
            MonitoringError: if a layer is missing, or the period or the inputs are others.
        """
        missing = [name for name in self.layers if name not in layers]
        require(not missing, f"the reference watches {', '.join(missing)} too: read these layers")
        require(
            abs(period - self.period) < 1e-6,
            f"a reading comes every {period:.4g} s, the reference's came every {self.period:.4g} s",
        )
        known = self.facts.get("inputs", inputs)
        require(
            known == inputs,
            f"the estimator's inputs are {inputs!r}, the reference was fitted for {known!r}",
        )

    def check_version(self, version: str) -> None:
        """Refuse readings of another model.

        Raises:
            MonitoringError: if they are.
        """
        require(
            version == self.model_version,
            f"the features are of model {version or '(none)'}, the reference of "
            f"{self.model_version}: run `elbowroom monitor fit` for this model",
        )


def save_reference(folder: Path, reference: Reference) -> Artefact:
    """Write a reference as an artefact of the kind "monitor_reference"."""
    tensors: dict[str, NDArray[Any]] = {"owners": reference.owners}
    for name in reference.layers:
        projection = reference.projections[name]
        tensors[f"mean.{name}"], tensors[f"basis.{name}"] = projection.mean, projection.basis
        tensors[f"deviation.{name}"] = projection.deviation
        tensors[f"rest.{name}"] = np.array([projection.rest])
        tensors[f"{_UNIT}.{name}"] = reference.units[name].astype(np.float32)
        tensors[f"{_SAMPLE}.{name}"] = reference.samples[name].astype(np.float32)
    arrays, settings = pack_channel(reference.channel)
    tensors |= {f"channel.{k}": v for k, v in arrays.items()}
    facts = dict(reference.facts) | {
        "model_version": reference.model_version,
        "layers": list(reference.layers),
        "period_s": reference.period,
        "tau_s": reference.tau,
        "channel": settings,
    }
    return save_artefact(folder, SCHEMA, tensors, facts)


def load_reference(folder: Path, model_version: str | None = None) -> Reference:
    """Read a reference back.

    Args:
        folder: where `save_reference` wrote.
        model_version: version of the model to be watched, None if it is not known yet.

    Raises:
        ArtefactError: if it is missing, tampered with, of another kind, or does not fit together
            or to the model.
    """
    artefact = load_artefact(folder, SCHEMA)
    try:
        reference = _unpack(artefact)
        require(len(reference.units[reference.layers[0]]), "the reference is empty")
        if model_version is not None:
            reference.check_version(model_version)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ArtefactError(f"{folder.name}: {error}") from error
    return reference


def _unpack(artefact: Artefact) -> Reference:
    t, facts = artefact.tensors, artefact.facts
    layers = tuple(facts["layers"])
    arrays = {k.removeprefix("channel."): v for k, v in t.items() if k.startswith("channel.")}
    return Reference(
        model_version=str(facts["model_version"]),
        layers=layers,
        period=float(facts["period_s"]),
        tau=float(facts["tau_s"]),
        projections={n: _projection(t, n) for n in layers},
        units={n: t[f"{_UNIT}.{n}"].astype(np.float64) for n in layers},
        samples={n: t[f"{_SAMPLE}.{n}"].astype(np.float64) for n in layers},
        owners=t["owners"],
        channel=unpack_channel(arrays, facts["channel"]),
        facts=facts,
        digest=artefact.sha256,
    )


def _projection(t: Mapping[str, NDArray[Any]], name: str) -> Projection:
    mean, basis, deviation = (t[f"{part}.{name}"] for part in ("mean", "basis", "deviation"))
    require(
        basis.shape == (len(mean), len(deviation)), f"{name}: the projection does not fit together"
    )
    return Projection(mean, basis, deviation, float(t[f"rest.{name}"][0]))
