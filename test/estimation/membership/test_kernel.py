from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elbowroom.estimation.membership.kernel import (
    contract_shell,
    frame,
    measure,
    measure_ratio,
    motion_ratio,
    propagate,
    update,
)

seeds = st.integers(0, 2**32 - 1)


def draw_frame(rng):
    u = rng.normal(size=3)
    root = rng.normal(size=(3, 3)) * 0.03
    return frame(u / np.linalg.norm(u), root @ root.T + 1e-6 * np.eye(3))


@given(seeds)
def test_the_frame_is_orthonormal_and_diagonalises_the_tangential_spread(seed):
    rng = np.random.default_rng(seed)
    u = rng.normal(size=3)
    u /= np.linalg.norm(u)
    root = rng.normal(size=(3, 3)) * 0.03
    spread = root @ root.T + 1e-6 * np.eye(3)
    axes, across = frame(u, spread)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)
    np.testing.assert_allclose(axes[:, 0], u)
    turned = axes.T @ spread @ axes
    assert abs(turned[1, 2]) < 1e-9
    np.testing.assert_allclose(across**2, [turned[1, 1], turned[2, 2]], rtol=1e-6)


@settings(max_examples=150)
@given(seeds)
def test_contraction_loses_no_point_of_the_shell(seed):
    rng = np.random.default_rng(seed)
    lower = rng.uniform(-0.5, 0.3, 3)
    upper = lower + rng.uniform(0.01, 0.6, 3)
    centre = rng.uniform(-0.4, 0.4, 3)
    inner = rng.uniform(0, 0.4)
    outer = inner + rng.uniform(0.001, 0.1)
    points = rng.uniform(lower, upper, (3000, 3))
    distance = np.linalg.norm(points - centre, axis=1)
    kept = points[(distance >= inner) & (distance <= outer)]
    new_lower, new_upper = lower.copy(), upper.copy()
    contract_shell(new_lower, new_upper, centre, inner, outer)
    assert np.all(kept >= new_lower)
    assert np.all(kept <= new_upper)


def test_contraction_cuts_the_sagitta_exactly():
    # Shell of 0.28 m, half-widths 0.06 and 0.04: x starts at sqrt(0.28^2 - 0.06^2 - 0.04^2).
    lower, upper = np.array([0.0, -0.06, -0.04]), np.array([0.5, 0.06, 0.04])
    contract_shell(lower, upper, np.zeros(3), 0.28, 0.28)
    assert lower[0] == pytest.approx(np.sqrt(0.28**2 - 0.06**2 - 0.04**2), abs=1e-8)
    assert upper[0] == pytest.approx(0.28, abs=1e-8)


@settings(max_examples=100)
@given(seeds)
def test_a_point_is_in_the_measured_set_exactly_up_to_its_ratio(seed):
    rng = np.random.default_rng(seed)
    axes, _ = draw_frame(rng)
    spreads = rng.uniform(0.003, 0.03, 3)
    radius = rng.uniform(0.22, 0.33)
    point = axes @ np.array([rng.normal(0.7, 0.7), *rng.normal(0, 0.2, 2)])
    point *= (radius + rng.normal(0, 0.01)) / np.linalg.norm(point)
    ratio = measure_ratio(axes, radius, spreads, point)
    lower, upper = measure(axes, radius, (ratio + 1e-9) * spreads)
    local = axes.T @ point
    assert np.all(local >= lower)
    assert np.all(local <= upper)


def test_a_point_behind_the_shoulder_needs_a_box_about_all_of_it():
    axes, _ = frame(np.array([1.0, 0, 0]), 1e-4 * np.eye(3))
    spreads, point = np.full(3, 0.01), np.array([-0.28, 0, 0])
    ratio = measure_ratio(axes, 0.28, spreads, point)
    assert ratio == pytest.approx(56)
    lower, upper = measure(axes, 0.28, 1.0001 * ratio * spreads)
    assert np.all(axes.T @ point >= lower)
    assert np.all(axes.T @ point <= upper)
    lower, _ = measure(axes, 0.28, 0.99 * ratio * spreads)
    assert lower[0] > -0.01


@settings(max_examples=100)
@given(seeds)
def test_propagation_holds_everything_the_motion_bound_allows(seed):
    rng = np.random.default_rng(seed)
    axes, _ = draw_frame(rng)
    old_axes, _ = draw_frame(rng)
    old_lower = rng.uniform(-0.1, 0.2, 3)
    old_upper = old_lower + rng.uniform(0.01, 0.2, 3)
    old = old_axes @ rng.uniform(old_lower, old_upper)
    step = rng.normal(0, 0.05, 3)
    root = rng.normal(0, 0.02, (3, 3))
    spread = root @ root.T + 1e-8 * np.eye(3)
    error = rng.normal(0, 0.03, 3)
    point = old + step + error
    scale = motion_ratio(axes, spread, error)
    lower, upper = np.full(3, -2.0), np.full(3, 2.0)
    propagate(axes, lower, upper, old_axes, old_lower, old_upper, step, spread, scale)
    local = axes.T @ point
    assert np.all(local >= lower - 1e-9)
    assert np.all(local <= upper + 1e-9)


def walk(rng, steps, scale):
    """A random walk on the sphere with models whose worst ratio is known, and its boxes."""
    lags = np.array([2, 5])
    ring = np.zeros((5, 3, 3)), np.zeros((5, 3)), np.zeros((5, 3))
    path, worst, inside, empty = [], 0.0, [], False
    u = np.array([1.0, 0, 0])
    for k in range(steps):
        u = u + rng.normal(0, 0.05, 3)
        u /= np.linalg.norm(u)
        path.append(0.28 * u)
        seen = u + rng.normal(0, 0.04, 3)
        axes, across = frame(seen / np.linalg.norm(seen), 1e-4 * np.eye(3))
        spreads = np.array([0.004, *across])
        radius = 0.28 + rng.normal(0, 0.004)
        worst = max(worst, measure_ratio(axes, radius, spreads, path[-1]))
        mean, spread = np.zeros((2, 3)), np.stack([2e-4 * np.eye(3)] * 2)
        for j, lag in enumerate(lags):
            if k >= lag:
                worst = max(worst, motion_ratio(axes, spread[j], path[-1] - path[-1 - lag]))
        wrist = path[-1] + np.array([0.25, 0, 0])
        forearm = np.array([0.25 + rng.normal(0, 0.002), 0.004])
        worst = max(worst, abs(0.25 - forearm[0]) / forearm[1])
        empty |= update(*ring, k, lags, axes, radius, spreads, mean, spread, wrist, forearm, scale)
        local = axes.T @ path[-1]
        slot = k % 5
        inside.append(np.all(local >= ring[1][slot]) and np.all(local <= ring[2][slot]))
    return worst, inside, empty


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_intersection_holds_the_truth_whenever_the_score_is_within_the_scale(seed):
    worst, _, _ = walk(np.random.default_rng(seed), 25, 5.0)
    _, inside, empty = walk(np.random.default_rng(seed), 25, worst + 1e-9)
    assert all(inside)
    assert not empty


def test_a_scale_far_too_small_leaves_the_truth_or_nothing():
    _, inside, empty = walk(np.random.default_rng(3), 25, 0.5)
    assert empty or not all(inside)
