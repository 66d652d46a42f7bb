"""The set operations of elbowroom beside SciPy's HiGHS, zonoopt and codac, on the same sets.

    python benchmarks/sets.py [--sets 200] [--sound 10000] [--seed 0] [--json FILE]

Random zonotopes, n = 6 with 40 generators, and 3 strips through a member of each. Times are the
least and the median CPU time of one call from Python. `ratio` is the volume of the hull after the
strips to the exact one (12 linear programmes by HiGHS); `unsound` counts hulls that miss the exact
one by more than 1e-7 of a side. Over `--sound` further sets ours alone is checked, two random
sides a set. zonoopt and codac are optional: `pip install zonoopt codac`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csc_matrix

from elbowroom.sets import ConstrainedZonotope, Zonotope, hull_dual
from elbowroom.sets.lp import solve_support

DIM, GENERATORS, STRIPS = 6, 40, 3
MISS = 1e-7


class Problem(NamedTuple):
    """A zonotope <c, G> and strips |H x - y| <= s."""

    c: np.ndarray
    G: np.ndarray
    H: np.ndarray
    y: np.ndarray
    s: np.ndarray

    def constrained(self) -> ConstrainedZonotope:
        """Return the intersection."""
        return Zonotope(self.c, self.G).intersect_strip(self.H, self.y, self.s)


@dataclass
class Row:
    """What was measured of one library: microseconds (least, median), volume ratios, misses."""

    version: str
    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    ratios: list[float] = field(default_factory=list)
    unsound: int = 0


def draw(rng: np.random.Generator) -> Problem:
    """Draw a zonotope and strips of 1 to 10 % of its width through one of its members."""
    G, c = rng.normal(size=(DIM, GENERATORS)), rng.normal(size=DIM)
    H, member = rng.normal(size=(STRIPS, DIM)), c + G @ rng.uniform(-1, 1, GENERATORS)
    s = 0.1 * np.abs(H @ G).sum(axis=1) * rng.uniform(0.1, 1, STRIPS)
    return Problem(c, G, H, H @ member + s * rng.uniform(-1, 1, STRIPS), s)


def measure(calls: list[Callable[[], Any]], repeats: int = 3) -> tuple[float, float]:
    """Return the least and the median time of the calls [us], after one call each unmeasured."""
    calls[0]()
    times = []
    for call in calls * repeats:
        start = time.process_time()
        call()
        times.append(1e6 * (time.process_time() - start))
    return float(np.min(times)), float(np.median(times))


def solve_exactly(cz: ConstrainedZonotope) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval hull by 12 linear programmes."""
    sides = [
        solve_support(g, cz.A, cz.b)[0] for g in np.concatenate([cz.generators, -cz.generators])
    ]
    return cz.center - np.array(sides[DIM:]), cz.center + np.array(sides[:DIM])


def compare(
    row: Row, low: np.ndarray, high: np.ndarray, exact: tuple[np.ndarray, np.ndarray]
) -> None:
    """Note volume ratio and soundness of a hull."""
    size = exact[1] - exact[0]
    row.ratios.append(float(np.prod((high - low) / size)))
    row.unsound += bool(
        (low > exact[0] + MISS * size).any() or (high < exact[1] - MISS * size).any()
    )


def run_ours(problems: list[Problem], exact: list[tuple[np.ndarray, np.ndarray]]) -> Row:
    """Measure elbowroom.sets."""
    row, rng = (
        Row(importlib.metadata.version("elbowroom") if installed("elbowroom") else "source"),
        (np.random.default_rng(1)),
    )
    M = rng.normal(size=(DIM, DIM))
    sets = [Zonotope(p.c, p.G) for p in problems]
    cut = [p.constrained() for p in problems]
    parts = [(cz.center, cz.generators, cz.A, cz.b) for cz in cut]
    row.times["linear map"] = measure([lambda z=z: z.linear_map(M) for z in sets])
    row.times["sum"] = measure([lambda z=z: z.minkowski_sum(sets[0]) for z in sets])
    row.times["girard"] = measure([lambda z=z: z.reduce(3) for z in sets])
    row.times["hull"] = measure([lambda z=z: z.hull() for z in sets])
    row.times["strips"] = measure([p.constrained for p in problems])
    row.times["hull of strips"] = measure([lambda a=a: hull_dual(*a) for a in parts])
    for part, wanted in zip(parts, exact, strict=True):
        compare(row, *hull_dual(*part)[:2], wanted)
    return row


def run_arrays(problems: list[Problem]) -> Row:
    """Measure the bare NumPy formulas, without checks or rounding: the floor."""
    row, M = Row(np.__version__), np.random.default_rng(1).normal(size=(DIM, DIM))
    other = problems[0]
    row.times["linear map"] = measure([lambda p=p: (M @ p.c, M @ p.G) for p in problems])
    row.times["sum"] = measure(
        [lambda p=p: (p.c + other.c, np.concatenate([p.G, other.G], axis=1)) for p in problems]
    )
    row.times["hull"] = measure(
        [lambda p=p: (p.c - (r := np.abs(p.G).sum(axis=1)), p.c + r) for p in problems]
    )
    return row


def run_scipy(problems: list[Problem], exact: list[tuple[np.ndarray, np.ndarray]]) -> Row:
    """Measure 12 linear programmes a hull."""
    row = Row(importlib.metadata.version("scipy"))
    few = [p.constrained() for p in problems[:20]]
    row.times["hull of strips"] = measure([lambda cz=cz: solve_exactly(cz) for cz in few], 1)
    for wanted in exact:
        compare(row, *wanted, wanted)
    return row


def run_zonoopt(problems: list[Problem], exact: list[tuple[np.ndarray, np.ndarray]]) -> Row:
    """Measure zonoopt at its default settings."""
    import zonoopt

    row = Row(importlib.metadata.version("zonoopt"))
    M = csc_matrix(np.random.default_rng(1).normal(size=(DIM, DIM)))
    sets = [zonoopt.Zono(csc_matrix(p.G), p.c) for p in problems]
    cut = [
        zonoopt.ConZono(csc_matrix(cz.generators), cz.center, csc_matrix(cz.A), cz.b)
        for cz in (p.constrained() for p in problems)
    ]
    row.times["linear map"] = measure([lambda z=z: zonoopt.affine_map(z, M) for z in sets])
    row.times["sum"] = measure([lambda z=z: zonoopt.minkowski_sum(z, sets[0]) for z in sets])
    row.times["girard"] = measure([lambda z=z: z.reduce_order(3 * DIM) for z in sets])
    row.times["hull"] = measure([lambda z=z: z.bounding_box() for z in sets])
    row.times["hull of strips"] = measure([lambda z=z: z.bounding_box() for z in cut[:20]], 1)
    for z, wanted in zip(cut, exact, strict=True):
        box = z.bounding_box()
        compare(row, np.ravel(box.lower()), np.ravel(box.upper()), wanted)
    return row


def run_codac(problems: list[Problem], exact: list[tuple[np.ndarray, np.ndarray]]) -> Row:
    """Measure codac's zonotopes, and its contractor of the interval hull by the strips."""
    import codac

    row = Row(importlib.metadata.version("codac"))
    sets = [
        codac.Zonotope(codac.Vector(p.c.tolist()), codac.Matrix(p.G.tolist())) for p in problems
    ]
    row.times["sum"] = measure([lambda z=z: z + sets[0] for z in sets])
    row.times["hull"] = measure([lambda z=z: z.box() for z in sets])
    x = codac.VectorVar(DIM)

    def pair(low: np.ndarray, high: np.ndarray) -> Any:
        return codac.IntervalVector(np.stack([low, high], axis=1).tolist())

    contractors = [
        codac.CtcInverse(
            codac.AnalyticFunction([x], codac.Matrix(p.H.tolist()) * x), pair(p.y - p.s, p.y + p.s)
        )
        for p in problems
    ]
    boxes = [Zonotope(p.c, p.G).hull() for p in problems]
    jobs = [
        lambda c=c, b=b: c.contract(pair(b.low, b.high))
        for c, b in zip(contractors, boxes, strict=True)
    ]
    row.times["hull of strips"] = measure(jobs)
    for contractor, hull, wanted in zip(contractors, boxes, exact, strict=True):
        box = pair(hull.low, hull.high)
        contractor.contract(box)
        bounds = np.array([[box[i].lb(), box[i].ub()] for i in range(DIM)])
        compare(row, bounds[:, 0], bounds[:, 1], wanted)
    return row


def count_unsound(rng: np.random.Generator, count: int) -> tuple[int, float, float]:
    """Check two random sides each of `count` hulls: misses, worst and mean excess of a side."""
    misses, excess = 0, []
    for _ in range(count):
        cz = draw(rng).constrained()
        low, high, empty = hull_dual(cz.center, cz.generators, cz.A, cz.b)
        misses += bool(empty)
        for i, sign in zip(rng.integers(DIM, size=2), (1.0, -1.0), strict=True):
            exact = solve_support(sign * cz.generators[i], cz.A, cz.b)[0]
            bound = high[i] - cz.center[i] if sign > 0 else cz.center[i] - low[i]
            excess.append((bound - exact) / (high[i] - low[i]))
            misses += excess[-1] < -MISS
    return int(misses), float(np.max(excess)), float(np.mean(excess))


def installed(name: str) -> bool:
    """Say whether a distribution is installed."""
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def show(rows: dict[str, Row | None]) -> None:
    """Print the table."""
    names = ["linear map", "sum", "girard", "hull", "strips", "hull of strips"]
    print(f"{'us, least / median':22}" + "".join(f"{name:>18}" for name in names), end="")
    print(f"{'ratio median/max':>20}{'unsound':>12}")
    for name, row in rows.items():
        if row is None:
            print(f"{name:22}not installed")
            continue
        cells = [row.times.get(column) for column in names]
        texts = ["-" if cell is None else f"{cell[0]:.1f} / {cell[1]:.1f}" for cell in cells]
        print(f"{name + ' ' + row.version:22}" + "".join(f"{text:>18}" for text in texts), end="")
        ratio = f"{np.median(row.ratios):.4f}/{max(row.ratios):.4f}" if row.ratios else "-"
        print(f"{ratio:>20}{f'{row.unsound}/{len(row.ratios)}' if row.ratios else '-':>12}")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=200, help="sets timed and compared by all")
    parser.add_argument("--sound", type=int, default=10_000, help="further sets ours is checked on")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    problems = [draw(rng) for _ in range(args.sets)]
    exact = [solve_exactly(p.constrained()) for p in problems]
    rows: dict[str, Row | None] = {"elbowroom": run_ours(problems, exact)}
    rows["numpy"] = run_arrays(problems)
    rows["scipy HiGHS"] = run_scipy(problems, exact)
    rows["zonoopt"] = run_zonoopt(problems, exact) if installed("zonoopt") else None
    rows["codac"] = run_codac(problems, exact) if installed("codac") else None
    show(rows)
    found: dict[str, Any] = {
        name: asdict(row) if row else "not installed" for name, row in rows.items()
    }
    if args.sound:
        misses, worst, mean = count_unsound(rng, args.sound)
        print(f"elbowroom on {args.sound} further sets, 2 sides each: {misses} unsound, ", end="")
        print(f"excess of a side {worst:.1e} worst, {mean:.1e} mean")
        found["soundness"] = {"sets": args.sound, "unsound": misses, "worst": worst, "mean": mean}
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
