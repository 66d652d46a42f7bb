"""Fitting the movement model to recordings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.dressable import FLEXION_MAX, is_start
from elbowroom.motion.movements.mixture import fit_mixture
from elbowroom.motion.movements.model import MovementModel
from elbowroom.motion.movements.moves import (
    CHANGE,
    LOG_SIZE,
    SHAPE,
    START,
    TEMPO,
    describe_move,
    measure_way,
    rebuild_way,
)
from elbowroom.motion.movements.segments import RATE, Segment, find_segments, reverse_segment
from elbowroom.motion.posture import SIZE
from elbowroom.motion.recordings.recording import Clip, RecordingError, select_subjects

Array = NDArray[np.float64]

ATTRIBUTION = (
    "Fitted to the UE_ADL database of Mia Huang, San Francisco State University, "
    "MIT License, Copyright (c) 2021 MiaH-kin"
)

_MOVES = 8
_STARTS = 4
_COMPONENTS = 12
_LEAST_MOVES = 80
_AT_ONCE = 0.05
_REST_ROWS = 40
_GUARD_ROWS = 4
_LIMIT_SHARE = 0.1
_BRISK = 99


def fit_movement(
    recordings: Sequence[Clip],
    subjects: Sequence[str] | None = None,
    seed: int = 0,
    attribution: str = "",
) -> MovementModel:
    """Fit a movement model to the active arms of some subjects.

    Leave people out by naming the others: nothing of the rest enters the model.

    Args:
        recordings: clips of right arms (left ones are mirrored on reading).
        subjects: whose clips to use; None for all.
        seed: of the mixtures' first centres.
        attribution: who recorded the movements; travels with the model.

    Raises:
        RecordingError: if a subject is unknown or there are fewer than 80 movements.
    """
    clips = [c for c in select_subjects(recordings, subjects) if c.active]
    tracks = [resample(c) for c in clips]
    cuts = [find_segments(t) for t in tracks]
    count = sum(len(c) for c in cuts)
    if count < _LEAST_MOVES:
        raise RecordingError(f"{count} movements are too few to fit; {_LEAST_MOVES} are needed")
    rng = np.random.default_rng(seed)
    moves = _fit_moves(tracks, cuts, rng)
    sway, sway_time = _fit_sway(tracks, cuts)
    pooled = np.concatenate(tracks)
    low, high = np.percentile(pooled, [0.1, 99.9], axis=0)
    margin = _LIMIT_SHARE * (high - low)
    return MovementModel(
        **moves,
        starts=fit_mixture(_start_postures(clips, tracks), _STARTS, rng, floor=1e-4),
        limits=np.stack([low - margin, high + margin]),
        sway=sway,
        sway_time=sway_time,
        rhythm=_fit_rhythm(tracks, cuts),
        facts=_facts(clips, count, seed, attribution),
    )


def resample(clip: Clip) -> Array:
    """Postures of a clip at 60 Hz, shape (T, 7)."""
    return np.asarray(clip.spline(np.arange(int(clip.duration * RATE) + 1) / RATE))


def _fit_moves(
    tracks: list[Array], cuts: list[list[Segment]], rng: np.random.Generator
) -> dict[str, Any]:
    # People were recorded on their way out more often than on their way back, which is made of
    # the same movements reversed.
    rows = np.array(
        [
            describe_move(way, segment)
            for track, cut in zip(tracks, cuts, strict=True)
            for s in cut
            for way, segment in ((track, s), (track[::-1], reverse_segment(s, len(track))))
        ]
    )
    lengths = np.log([measure_way(z[START], _way(z)) for z in rows])
    paces = [lengths - power * rows[:, TEMPO] for power in (1, 2)]
    slope, intercept = np.polyfit(lengths, rows[:, TEMPO], 1)
    rows[:, TEMPO] -= intercept + slope * lengths
    shapes = rows[:, SHAPE]
    mean = shapes.mean(axis=0)
    basis = np.linalg.svd(shapes - mean, full_matrices=False)[2][:_COMPONENTS]
    rows = np.hstack([rows[:, : SHAPE.start], (shapes - mean) @ basis.T])
    offset, scale = rows.mean(axis=0), rows.std(axis=0)
    return {
        "moves": fit_mixture((rows - offset) / scale, _MOVES, rng),
        "offset": offset,
        "scale": scale,
        "shape_mean": mean,
        "shape_basis": basis,
        "law": np.array([intercept, slope]),
        "brisk": np.exp(np.percentile(paces, _BRISK, axis=1)),
    }


def _way(z: Array) -> Array:
    return rebuild_way(z[START], z[CHANGE], float(z[LOG_SIZE]), z[SHAPE])


def _start_postures(clips: Sequence[Clip], tracks: list[Array]) -> Array:
    kept = []
    for clip, track in zip(clips, tracks, strict=True):
        wrist = clip.wrist - clip.shoulder
        at = np.arange(len(track)) / RATE + clip.time[0]
        wrist = np.stack([np.interp(at, clip.time, column) for column in wrist.T], axis=1)
        good = is_start(wrist, np.linalg.norm(track[:, 2:4], axis=1), FLEXION_MAX)
        kept.append(track[good][::12])
    starts = np.concatenate(kept)
    if len(starts) <= 3 * SIZE:
        raise RecordingError("too few postures in which the hand is held out")
    return starts


def _rests(track: Array, cuts: list[Segment]) -> list[Array]:
    still = np.ones(len(track), dtype=bool)
    for s in cuts:
        still[max(0, s.start - _GUARD_ROWS) : s.end + _GUARD_ROWS + 1] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    pieces = [track[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [p - p.mean(axis=0) for p in pieces if len(p) >= _REST_ROWS]


def _fit_sway(tracks: list[Array], cuts: list[list[Segment]]) -> tuple[Array, float]:
    """Covariance at rest and time constant of the sway.

    White noise under a Gaussian kernel of width tau has std(x') = std(x) / (sqrt(2) tau).
    """
    rests = [p for t, c in zip(tracks, cuts, strict=True) for p in _rests(t, c)]
    if not rests:
        raise RecordingError("no rest of two thirds of a second in the recordings")
    pooled = np.concatenate(rests)
    speed = np.concatenate([np.gradient(p, 1 / RATE, axis=0) for p in rests])
    covariance = pooled.T @ pooled / len(pooled) + 1e-8 * np.eye(SIZE)
    time = float(np.median(pooled.std(axis=0) / speed.std(axis=0)) / np.sqrt(2))
    return np.asarray(np.linalg.cholesky(covariance)), time


def _fit_rhythm(tracks: list[Array], cuts: list[list[Segment]]) -> Array:
    used = [(t, c) for t, c in zip(tracks, cuts, strict=True) if c]
    pauses = np.array([(b.start - a.end) / RATE for _, c in used for a, b in pairwise(c)])
    ends = np.array([(len(t) - 1 - c[-1].end) / RATE for t, c in used])
    begins = np.array([c[0].start / RATE for _, c in used])
    # A recording cuts each rest in two: what was before it and what comes after.
    rests = np.log(np.maximum(ends + np.roll(begins, 1), _AT_ONCE))
    short = np.log(pauses[pauses >= _AT_ONCE]) if np.any(pauses >= _AT_ONCE) else np.log([0.2])
    chain = len(pauses) / (len(pauses) + len(used))
    at_once = float(np.mean(pauses < _AT_ONCE)) if len(pauses) else 0.0
    return np.array([chain, at_once, short.mean(), short.std(), rests.mean(), rests.std()])


def _facts(clips: Sequence[Clip], count: int, seed: int, attribution: str) -> dict[str, Any]:
    return {
        "attribution": attribution,
        "subjects": sorted({c.subject for c in clips}),
        "clips": len(clips),
        "movements": count,
        "seconds": round(sum(c.duration for c in clips), 1),
        "seed": seed,
        "units": "angles rad, shoulder displacement in arm lengths, time s",
    }
