"""The `elbowroom` command: one verb a job."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import elbowroom
from elbowroom.core import ArtefactError, InputError, ParameterError, TrialError
from elbowroom.verbs.options import add_options, read_options

VERBS = {
    "demo": "dress arms with the real nodes, draw the pictures, print the table",
    "up": "start the nodes of a graph as processes",
    "simulate": "one dressing in this process, with a moving picture",
    "collect": "record dressings of many people for training and calibration",
    "train": "fit the learned models to recorded people",
    "calibrate": "give the boxes their guarantee from people never trained on",
    "personalise": "keep what one person's dressings foretell of the next",
    "evaluate": "dress new people and print every method's figures",
    "report": "plots of an evaluation",
    "grasp": "train or evaluate a policy that grasps",
    "replay": "run an estimator over a recorded dressing",
    "monitor": "fit, run offline and judge the monitor of the inputs",
}

INTERRUPTED = 130
"""Exit code after an interrupt, as shells use it (128 + SIGINT)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code: 0, 1 (failed), 2 (wrong use) or 130 (interrupted)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    verb = _parse_verb(arguments[:1])
    module, used = importlib.import_module(f"elbowroom.verbs.{verb}"), 1
    if hasattr(module, "VERBS"):
        below = _parse_verb(arguments[1:2], module.VERBS, f"elbowroom {verb}", module.__doc__)
        module, used = importlib.import_module(f"elbowroom.verbs.{verb}_{below}"), 2
        verb = f"{verb} {below}"
    parser = argparse.ArgumentParser(
        prog=f"elbowroom {verb}",
        usage=f"elbowroom {verb} {_plain(module)}[options]",
        description=module.__doc__,
        formatter_class=_Formatter,
        add_help=False,
    )
    groups = module.GROUPS() if callable(module.GROUPS) else module.GROUPS
    add_options(parser, groups, getattr(module, "PLAIN", ""))
    given = parser.parse_args(arguments[used:])
    try:
        options = read_options(given, groups)
    except ParameterError as error:
        parser.error(str(error))
    try:
        if options.json is not None:
            # Before what takes long.
            _try_writing(options.json)
        figures = module.run(options)
        if options.json is not None and figures is not None:
            _write(options.json, figures)
    except KeyboardInterrupt:
        print(f"\ninterrupted; {module.RESUME}", file=sys.stderr)
        return INTERRUPTED
    except _known_errors() as error:
        print(f"elbowroom {verb}: {error}", file=sys.stderr)
        return 1
    return 0


def _plain(module: Any) -> str:
    name = getattr(module, "PLAIN", "")
    return f"[{name.upper()}] " if name else ""


def _parse_verb(
    arguments: list[str],
    verbs: Mapping[str, str] = VERBS,
    prog: str = "elbowroom",
    about: str | None = "A guaranteed box for the elbow that a dressing robot cannot see.",
) -> str:
    width = max(map(len, verbs)) + 2
    listing = "\n".join(f"  {name:<{width}}{text}" for name, text in verbs.items())
    parser = argparse.ArgumentParser(
        prog=prog,
        usage=f"{prog} <verb> [options]",
        description=about,
        epilog=f"verbs:\n{listing}\n\n`{prog} <verb> --help` lists the options of a verb.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=elbowroom.__version__)
    parser.add_argument("verb", nargs="?", choices=list(verbs), help=argparse.SUPPRESS)
    verb = parser.parse_args(arguments).verb
    if verb is None:
        parser.print_help()
        raise SystemExit(2)
    return str(verb)


def _known_errors() -> tuple[type[Exception], ...]:
    """What a verb may say in one line; anything else is a fault of the program."""
    from elbowroom.campaign import CampaignError
    from elbowroom.estimation import CalibrationError
    from elbowroom.grasping import GraspError
    from elbowroom.motion import MotionError, PersonError, RecordingError
    from elbowroom.sets import SetError
    from elbowroom.sim import SimulationError
    from elbowroom.view.mesh import MeshError

    mistaken = (ArtefactError, CalibrationError, InputError, ParameterError, TrialError)
    drawn = (MotionError, PersonError, RecordingError, MeshError)
    return (*mistaken, *drawn, CampaignError, GraspError, SetError, SimulationError, OSError)


def _try_writing(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a"):
        pass


def _write(path: Path, figures: Any) -> None:
    path.write_text(json.dumps(figures, indent=1) + "\n")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=100)


if __name__ == "__main__":
    sys.exit(main())
