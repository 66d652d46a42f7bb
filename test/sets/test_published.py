"""Numbers computed by CORA, LazySets and ZonoOpt (shared case file; skipped where it is absent)."""

from __future__ import annotations

import numpy as np
import pytest

from elbowroom.sets import ConstrainedZonotope, Interval, Zonotope
from elbowroom.sets.observer import LinearObserver
from elbowroom.sets.reduction import merge_parallel
from elbowroom.sets.strips import correct, least_radius_gain, slide_along_generator
from sets.observers import (
    Tank,
    all_strips_of_predicted,
    observe_predicted,
    observe_strips,
    one_strip_at_a_time,
)
from sets.oracles import maximise, published, same_generators, same_points


def zonotope(given, index=""):
    return Zonotope(given["c" + index], given["G" + index])


def constrained(given):
    return ConstrainedZonotope(*(given[name] for name in ("c", "G", "A", "b")))


def start(system):
    return Zonotope(np.array(system["x0_c"], float), np.array(system["x0_G"], float))


@pytest.mark.parametrize("name", ["cora-interval", "lazysets-extrema"])
def test_interval_hull(name):
    case = published(name)
    hull = zonotope(case["input"]).hull()
    assert hull.low == pytest.approx(case["expected"]["lo"], abs=case["tol"])
    assert hull.high == pytest.approx(case["expected"]["hi"], abs=case["tol"])


def test_sum():
    case = published("cora-plus")
    total = zonotope(case["input"], "1").minkowski_sum(zonotope(case["input"], "2"))
    assert (total.center == case["expected"]["c"]).all()
    assert (total.generators == case["expected"]["G"]).all()


def test_radius():
    case = published("cora-radius")
    found = zonotope(case["input"]).radius()
    assert found == pytest.approx(case["expected"]["radius"], abs=case["tol"])


def test_contains_and_norm():
    case = published("cora-contains-out")
    assert zonotope(case["input"]).contains(case["input"]["x"]) == case["expected"]["contains"]
    case = published("cora-znorm")
    Z = Zonotope(np.zeros(2), case["input"]["G"])
    values = [Z.norm(point) for point in case["input"]["points"]]
    assert values == pytest.approx(case["expected"]["values"], abs=case["tol"])


def test_convex_enclosure():
    case = published("cora-enclose")
    both = zonotope(case["input"], "1").enclose(zonotope(case["input"], "2"))
    assert both.center == pytest.approx(case["expected"]["c"], abs=case["tol"])
    assert same_generators(both.generators, case["expected"]["G"], case["tol"])


def test_vertices():
    case = published("cora-vertices")
    assert same_points(zonotope(case["input"]).vertices(), case["expected"]["V"], case["tol"])


@pytest.mark.parametrize("name", ["combastel-1", "combastel-3", "girard-1", "girard-3", "pca-1"])
def test_reduction(name):
    case = published("cora-reduce-" + name)
    reduced = zonotope(case["input"]).reduce(case["input"]["order"], case["input"]["method"])
    assert (reduced.center == case["expected"]["c"]).all()
    assert same_generators(reduced.generators, case["expected"]["G"], case["tol"])


def test_strips():
    case = published("cora-alanwar-strips")
    Z, given = zonotope(case["input"]), case["input"]
    strips = np.array(given["H"], float), np.array(given["y"]), np.array(given["half_width"])
    hull = Z.intersect_strip(*strips).hull()
    assert hull.low == pytest.approx(case["expected"]["exact_hull_lo"], abs=case["tol"])
    assert hull.high == pytest.approx(case["expected"]["exact_hull_hi"], abs=case["tol"])
    H, y, s = strips
    hull = correct(Z, H, y, s, least_radius_gain(Z, H, s)).hull()
    wanted = np.array(case["expected"]["frad_gain_hull"])
    assert np.stack([hull.low, hull.high]) == pytest.approx(wanted, abs=case["tol"])


def test_nearly_flat_zonotope_and_a_strip():
    case = published("cora-strip-degenerate")
    given, (low, high) = case["input"], case["expected"]["hull_within"]
    bound = Interval(np.array(low, float), np.array(high, float))
    for Z in (
        slide_along_generator(
            zonotope(given), given["H"][0], given["y"][0], given["half_width"][0]
        ),
        zonotope(given).intersect_strip(given["H"], given["y"], given["half_width"]),
    ):
        assert bound.contains(Z.hull().low)
        assert bound.contains(Z.hull().high)


def test_observer_by_slides():
    case = published("alamo2005-VolMin-B")
    system = case["input"]["system"]
    A, W = np.array(system["A"]), Zonotope(np.zeros(2), np.array(system["W_G"]))
    Z = start(system)
    for k, y in enumerate(system["y"]):
        if k:
            Z = Z.linear_map(A).minkowski_sum(W)
        Z = slide_along_generator(Z, system["H"][0], y, system["V_half"][0])
        Z = Z.reduce(system["order"], system["reduction"])
    assert Z.hull().low == pytest.approx(case["expected"]["final_hull_lo"], abs=case["tol"])
    assert Z.hull().high == pytest.approx(case["expected"]["final_hull_hi"], abs=case["tol"])


@pytest.mark.parametrize("horizon", [6, 12, 20])
def test_observer_with_constraints(horizon):
    case = published("alamo2005-CZN-A")
    system = case["input"]["system"]
    W = Zonotope(np.zeros(2), np.array(system["W_G"]))
    arrays = [np.array(system[name], float) for name in ("A", "H", "V_half")]
    observer = LinearObserver(arrays[0], arrays[1], W, arrays[2], horizon=horizon)
    state = observer.correct(start(system), [system["y"][0]])
    for y in system["y"][1:]:
        state = observer.step(state, [y])
    assert state.hull().low == pytest.approx(case["expected"]["final_hull_lo"], abs=case["tol"])
    assert state.hull().high == pytest.approx(case["expected"]["final_hull_hi"], abs=case["tol"])


@pytest.mark.parametrize(
    ("name", "observe"),
    [
        ("A", lambda tank, case: observe_strips(tank, case, one_strip_at_a_time)),
        ("B", lambda tank, case: observe_strips(tank, case, all_strips_of_predicted)),
        ("C", observe_predicted),
    ],
)
def test_observers_of_the_tanks(name, observe):
    case = published("tank6-nonlinear-FRad-" + name)
    hull = observe(Tank(case["input"]["dt"], case["input"]["k"]), case["input"]).hull()
    assert hull.low == pytest.approx(case["expected"]["final_hull_lo"], abs=case["tol"])
    assert hull.high == pytest.approx(case["expected"]["final_hull_hi"], abs=case["tol"])


@pytest.mark.parametrize("name", ["cz-fig1-vertices", "cz-test4-vertices"])
def test_constrained_vertices(name):
    case = published(name)
    found = constrained(case["input"]).vertices()
    assert same_points(found, case["expected"]["V"], case["tol"])


def test_constrained_intersection():
    case = published("cz-intersection-vertices")
    both = constrained(case["input"]["Z1"]).intersect(constrained(case["input"]["Z2"]))
    assert same_points(both.vertices(), case["expected"]["V"], case["tol"])


def test_empty_constrained_zonotope():
    case = published("cz-empty")
    assert constrained(case["input"]).is_empty() == case["expected"]["empty"]


def test_volume():
    case = published("lazysets-volume3d")
    assert zonotope(case["input"]).volume() == pytest.approx(
        case["expected"]["volume"], abs=case["tol"]
    )


def test_redundant_generators():
    case = published("lazysets-reduntant")
    merged = merge_parallel(zonotope(case["input"]))
    assert same_generators(merged.generators, case["expected"]["G"], case["tol"])
    assert merged.slack.max() < case["tol"]


def test_intersection_of_zonotopes():
    case = published("lazysets-intersection")
    first, second = (zonotope(case["input"][name]) for name in ("Z1", "Z2"))
    both = first.intersect(second)
    assert same_points(both.vertices(), case["expected"]["V"], case["tol"])
    case = published("lazysets-disjoint")
    first, second = (zonotope(case["input"][name]) for name in ("Z1", "Z2"))
    assert first.intersect(second).is_empty() == case["expected"]["empty"]


def test_support_with_many_constraints():
    case = published("zonoopt-support-39gen")
    found = constrained(case["input"]).support(case["input"]["dirs"])
    assert found == pytest.approx(case["expected"]["values"], rel=case["tol"])
    cz, d = constrained(case["input"]), np.array(case["input"]["dirs"][0])
    exact = d @ cz.center + maximise(d @ cz.generators, cz.A, cz.b)
    assert found == pytest.approx(exact, rel=1e-9)
    assert found[0] >= exact - 1e-11


def test_no_case_is_left_out():
    """Every operation in the file is one of those above."""
    tested = {
        "interval_hull", "minkowski_sum", "radius_2norm", "contains_point", "zonotope_norm",
        "convex_enclosure", "vertices_2d", "reduce_order", "strip_intersection_sound",
        "strip_intersection_bravo_bounded", "set_observer", "nonlinear_set_observer",
        "conzono_vertices", "conzono_intersection", "conzono_empty", "volume",
        "remove_redundant", "zonotope_intersection", "conzono_support",
    }  # fmt: skip
    assert {case["op"] for case in published().values()} == tested
    assert len(published()) == 29
