"""Dress arms with the real nodes: simulator, estimator, planner, monitor, each its own process.

Every topic is recorded into a bag. At the end a table says whether the elbow was in the box at all
times, and a folder holds a moving picture, plots, the bag and the figures.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from elbowroom.campaign.pool import CampaignError
from elbowroom.campaign.run import RunParams
from elbowroom.core import Params, param
from elbowroom.estimation import EstimatorParams
from elbowroom.verbs.casting import pick_estimator
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import centimetres, number, percent, show_rows

_DOMAINS = range(50, 100)


@dataclass(frozen=True)
class DemoParams(EstimatorParams):
    """What is shown."""

    people: int = param(1, "people to dress, one after the other", low=1, high=100)
    motion: str = param("", "recorded movement to use (npz, MVNX or BVH)")
    folder: str = param("", "where everything is written; by default runs/demo-<seed>")
    view: bool = param(False, "show a live 3-D page in the browser, until Ctrl-C")
    port: int = param(8080, "port of that page", low=1, high=65535)
    speed: float = param(
        0.0,
        "simulated seconds a real second; 0 to choose 1, 0.5 or 0.2 by the cores that are free",
        low=0.0,
        high=20.0,
    )
    domain: int = param(
        -1,
        "ROS domain; -1 for ROS_DOMAIN_ID or else one of its own, so that nobody interferes",
        low=-1,
        high=101,
    )
    rate: float = param(10.0, "images a second of the moving picture", unit="Hz", low=1, high=60)
    width: int = param(640, "width of the moving picture", unit="pixels", low=160, high=1920)


@dataclass(frozen=True)
class DemoRunParams(RunParams):
    """When a dressing ends."""

    max_duration: float = param(10.0, "longest dressing", unit="s", low=0.1, high=120.0)


GROUPS: dict[str, type[Params]] = {"": DemoParams, "run": DemoRunParams}
RESUME = "the same command starts the demo again"


def run(options: Options) -> dict[str, Any]:
    """Dress, draw, print."""
    p = options.of(DemoParams)
    folder = Path(p.folder or f"runs/demo-{options.seed}")
    _choose_domain(p.domain)
    speed = p.speed or _choose_speed()
    page = _open_page(p)
    results = [_dress(options, k, speed, folder / f"person-{k}", page) for k in range(p.people)]
    _show(results, folder)
    if page is not None:
        _linger(page)
    return {"seed": options.seed, "speed": speed, "folder": str(folder), "people": results}


def _dress(options: Options, person: int, speed: float, folder: Path, page: Any) -> dict[str, Any]:
    from elbowroom.nodes.bringup.dressing import run_nodes
    from elbowroom.nodes.bringup.lifecycle import BringupError

    shutil.rmtree(folder / "bag", ignore_errors=True)
    with tqdm(
        total=100, desc=f"person {person}", bar_format="{desc} |{bar}| {n:3.0f} % {postfix}"
    ) as bar:

        def tell(share: float, words: str) -> None:
            bar.n = max(bar.n, 70 * share)
            bar.set_postfix_str(words)

        values = _values(options, person, speed)
        try:
            ending = run_nodes(folder, values, options.of(DemoRunParams), tell=tell, page=page)
        except BringupError as error:
            raise CampaignError(f"{error} (in {folder})") from error
        bar.set_postfix_str("drawing")
        figures = _judge(options.of(DemoParams), folder, ending)
        bar.n = 100
        bar.set_postfix_str(ending)
    return figures


def _values(options: Options, person: int, speed: float) -> dict[str, dict[str, Any]]:
    p = options.of(DemoParams)
    sim: dict[str, Any] = {
        "seed": options.seed,
        "person": person,
        "speed": speed,
        "cast.motion_duration": options.of(DemoRunParams).max_duration + 2.0,
    }
    if p.motion:
        sim |= {"cast.motion": "recordings", "cast.motion_file": str(Path(p.motion).resolve())}
    estimator = pick_estimator(p, p.method)
    return {"sim": sim, "estimator": {k: v for k, v in vars(estimator).items() if v != ""}}


def _judge(p: DemoParams, folder: Path, ending: str) -> dict[str, Any]:
    from elbowroom.campaign.metrics import score_track
    from elbowroom.nodes.recording.bag import read_recording
    from elbowroom.view.film import Film
    from elbowroom.view.robot import read_urdf

    seen = read_recording(folder / "bag")
    film = Film(p.rate, p.width)
    film.robot = read_urdf(seen.description) if seen.description else None
    for frame in seen.frames:
        film.offer(frame)
    files = film.write(folder, seen.trial, seen.track, "A box for the elbow that nobody sees")
    force = np.linalg.norm(seen.trial.force, axis=1)
    score = score_track(seen.trial, seen.track)
    del score["step_us_quantiles"]
    return score | {
        "ending": ending,
        "passed_elbow": seen.trial.facts["passed_elbow"],
        "duration_s": float(seen.trial.time[-1] - seen.trial.time[0]),
        "force_peak_n": float(force.max()),
        "force_mean_n": float(force.mean()),
        "rates_hz": seen.rates,
        "samples_without_box": seen.missing,
        "latency_ms": _quantiles(seen.latency),
        "plan_ms": _quantiles(seen.solve_time[seen.solve_time > 0]),
        "files": [str(f) for f in files] + [str(folder / "bag")],
    }


def _quantiles(seconds: Any) -> dict[str, float] | None:
    if len(seconds) == 0:
        return None
    return {f"p{q}": float(1e3 * np.quantile(seconds, q / 100)) for q in (50, 99)}


def _show(results: list[dict[str, Any]], folder: Path) -> None:
    rows = {
        "elbow in the box at all times": lambda r: "yes" if r["inside"] else "NO",
        "samples inside": lambda r: percent(r["inside_steps"] / r["steps"], 2),
        "what the box promised": _promise,
        "mean cube edge": lambda r: centimetres(r["edge_mean_m"]),
        "mean longest side": lambda r: centimetres(r["side_longest_mean_m"]),
        "sleeve past the elbow": lambda r: "yes" if r["passed_elbow"] else f"NO ({r['ending']})",
        "peak and mean force": lambda r: f"{r['force_peak_n']:.1f} N, {r['force_mean_n']:.1f} N",
        "duration": lambda r: number(r["duration_s"], "s", 1),
        "wrench, box, command rates": _rates,
        "wrench to box, p50 and p99": lambda r: _pair(r["latency_ms"]),
        "wrenches without a box": lambda r: f"{r['samples_without_box']}",
        "planning, p50 and p99": lambda r: _pair(r["plan_ms"]),
    }
    names = [f"person {k}" for k in range(len(results))]
    table = [[name, *(cell(r) for r in results)] for name, cell in rows.items()]
    show_rows(f"Everything is in {folder}", ["", *names], table)


def _promise(r: dict[str, Any]) -> str:
    shares = {name: share for name, share in r["status_share"].items() if share > 0}
    words = ", ".join(f"{name.lower()} {percent(share, 0)}" for name, share in shares.items())
    return words + (f", delta {r['delta']:g}" if r["delta"] is not None else "")


def _rates(r: dict[str, Any]) -> str:
    rates = [r["rates_hz"].get(t, 0.0) for t in ("wrench", "elbow_box", "gripper_command")]
    return ", ".join(f"{rate:.0f}" for rate in rates) + " Hz of simulated time"


def _pair(spread: dict[str, float] | None) -> str:
    return "-" if spread is None else f"{spread['p50']:.1f} ms, {spread['p99']:.1f} ms"


def _choose_speed() -> float:
    # Four processes at 240 Hz need about two whole cores.
    free = (os.cpu_count() or 1) - os.getloadavg()[0]
    speed = 1.0 if free >= 2.5 else 0.5 if free >= 1.0 else 0.2
    tqdm.write(f"simulated time runs at {speed:g} x real time ({max(free, 0):.1f} cores are free)")
    return speed


def _choose_domain(asked: int) -> None:
    if asked >= 0:
        os.environ["ROS_DOMAIN_ID"] = str(asked)
    elif "ROS_DOMAIN_ID" not in os.environ:
        os.environ["ROS_DOMAIN_ID"] = str(_DOMAINS[os.getpid() % len(_DOMAINS)])
    tqdm.write(f"ROS domain {os.environ['ROS_DOMAIN_ID']}")


def _open_page(p: DemoParams) -> Any:
    if not p.view:
        return None
    from elbowroom.view.web import WebScene

    page = WebScene(p.port)
    tqdm.write(f"live view: {page.address}")
    return page


def _linger(page: Any) -> None:
    import time

    tqdm.write(f"the live view stays at {page.address} until Ctrl-C")
    try:
        while True:
            time.sleep(0.5)
    except KeyboardInterrupt:
        page.close()
