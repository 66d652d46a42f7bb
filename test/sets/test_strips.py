from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from elbowroom.sets import ConstrainedZonotope, SetError, Zonotope
from elbowroom.sets.observer import LinearObserver, past_normals, spread_directions
from elbowroom.sets.reduction import merge_parallel
from elbowroom.sets.strips import (
    correct,
    least_radius_gain,
    least_volume_gain,
    slide_along_generator,
)
from sets.oracles import clip_polygon
from sets.strategies import seeds, zonotopes


@given(zonotopes(dim=3), seeds)
@settings(max_examples=40)
def test_every_gain_keeps_the_members_of_the_strip(Z, seed):
    rng = np.random.default_rng(seed)
    x, h = Z.sample(rng, 1)[0], rng.normal(size=3)
    s = 0.1 * np.abs(h @ Z.generators).sum() + 1e-3
    y = h @ x + s * rng.uniform(-1, 1)
    D = rng.normal(size=(6, 3))
    gains = [least_radius_gain(Z, h, s), least_volume_gain(Z, h, s), rng.normal(size=(3, 1))]
    cuts = [correct(Z, h, y, s, gain) for gain in gains]
    for cut in [*cuts, slide_along_generator(Z, h, y, s)]:
        assert (cut.support(D) >= D @ x).all()


def test_least_volume_gain_is_least():
    rng = np.random.default_rng(0)
    Z, h = Zonotope(np.zeros(2), rng.normal(size=(2, 6))), np.array([1.0, -0.5])
    gain = least_volume_gain(Z, h, 0.3)
    least = correct(Z, h, 0.2, 0.3, gain).volume()
    assert least <= correct(Z, h, 0.2, 0.3, least_radius_gain(Z, h, 0.3)).volume()
    for _ in range(30):
        other = gain + 0.1 * rng.normal(size=(2, 1))
        assert least <= correct(Z, h, 0.2, 0.3, other).volume() * (1 + 1e-9)


@given(zonotopes(), seeds)
def test_merging_parallel_generators_changes_nothing(Z, seed):
    rng = np.random.default_rng(seed)
    doubled = np.concatenate([Z.generators, -0.5 * Z.generators], axis=1)
    merged = merge_parallel(Zonotope(Z.center, doubled))
    assert merged.generators.shape[1] <= Z.generators.shape[1]
    D = rng.normal(size=(5, Z.dim))
    wanted = Zonotope(Z.center, 1.5 * Z.generators).support(D)
    size = np.abs(Z.generators).sum() + np.abs(Z.center).sum()
    assert merged.support(D) == pytest.approx(wanted, abs=1e-5 * size)
    assert (merged.support(D) >= wanted - 1e-13 * size).all()


@pytest.mark.parametrize("ratio", [1e-3, 0.01, 0.5, 1.0, 3.0])
def test_merging_nearly_parallel_generators_is_outer(ratio):
    angle = 1.2e-6
    G = np.array([[1.0, ratio * np.cos(angle)], [0.0, ratio * np.sin(angle)]])
    Z = Zonotope(np.zeros(2), G)
    merged = merge_parallel(Z)
    assert merged.generators.shape[1] == 1
    turns = np.linspace(0, 2 * np.pi, 721) + 1e-9
    D = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    exact = np.abs(D @ G).sum(axis=1)
    assert (merged.support(D) >= exact).all()


@pytest.mark.parametrize(("horizon", "excess"), [(30, 1e-6), (6, 1.0)])
@given(seeds)
@settings(max_examples=3)
def test_observer_holds_the_exact_polygon(horizon, excess, seed):
    """A rotating system, its exact set mapped and clipped as a polygon (no disturbance)."""
    rng = np.random.default_rng(seed)
    A, H = np.array([[0.8, -0.5], [0.5, 0.8]]), np.array([[1.0, 0.0]])
    observer = LinearObserver(
        A, H, Zonotope(np.zeros(2), np.zeros((2, 1))), np.array([0.2]), horizon=horizon
    )
    x, state = rng.uniform(-1, 1, 2), Zonotope(np.zeros(2), np.eye(2))
    polygon = np.array([[1.0, -1], [1, 1], [-1, 1], [-1, -1]])
    for _ in range(12):
        x, polygon = A @ x, polygon @ A.T
        y = H @ x + rng.uniform(-0.19, 0.19)
        state = observer.step(state, y)
        polygon = clip_polygon(clip_polygon(polygon, H[0], y[0] + 0.2), -H[0], 0.2 - y[0])
        assert state.contains(x)
        assert state.contains(polygon).all()
        assert state.b.size <= horizon + 1
        exact = polygon.max(axis=0) - polygon.min(axis=0)
        assert (state.hull().size >= exact - 1e-12).all()
        assert (state.hull().size <= exact * (1 + excess) + 1e-9).all()


def test_measurement_that_contradicts_the_model_empties_the_set():
    observer = LinearObserver(
        0.5 * np.eye(2), np.eye(2)[:1], Zonotope(np.zeros(2), 0.1 * np.eye(2)), np.array([0.1])
    )
    state = observer.step(Zonotope(np.zeros(2), np.eye(2)), [2.0])
    assert isinstance(state, ConstrainedZonotope)
    assert state.is_empty()


def test_bad_observers_and_strips_are_refused():
    W = Zonotope(np.zeros(2), np.eye(2))
    with pytest.raises(SetError, match="horizon must exceed"):
        LinearObserver(np.eye(2), np.eye(2), W, np.ones(2), horizon=3)
    with pytest.raises(SetError, match="dynamics needs shape"):
        LinearObserver(np.eye(3), np.eye(2), W, np.ones(2))
    with pytest.raises(SetError, match="normals need shape"):
        LinearObserver(np.eye(2), np.eye(2), W, np.ones(1))
    with pytest.raises(SetError, match="gain needs shape"):
        correct(W, np.eye(2), np.zeros(2), np.ones(2), np.zeros((2, 1)))
    with pytest.raises(SetError, match="values"):
        correct(W, np.eye(2), np.zeros(1), np.ones(2), np.eye(2))


def test_template_directions():
    assert past_normals(np.diag([2.0, 1.0]), np.array([[1.0, 1.0]]), 2) == pytest.approx(
        np.array([[1, 1], [0.5, 1]]) / np.array([[np.sqrt(2)], [np.sqrt(1.25)]])
    )
    assert len(past_normals(np.zeros((2, 2)), np.eye(2), 2)) == len(spread_directions(2))
    assert spread_directions(3).shape == (6, 3)


def test_example_of_the_page_runs():
    page = Path(__file__).resolve().parents[2] / "docs" / "sets.md"
    example = re.search(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert example is not None
    names: dict = {}
    exec(compile(example.group(1), str(page), "exec"), names)
    assert names["both"].empty_certificate() is None


def test_kernels_compile_where_no_cache_can_be_written(monkeypatch):
    import numba

    from elbowroom.sets import compiled

    real = numba.njit

    def refuse(*args, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*args, **options)

    monkeypatch.setattr(numba, "njit", refuse)
    assert compiled.compile_kernel(lambda x: x + 1)(1) == 2
