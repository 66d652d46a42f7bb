"""The `elbowroom` command: one verb a job."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
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
    "evaluate": "dress new people and print every method's figures",
    "report": "plots of an evaluation",
    "grasp": "train or evaluate a policy that grasps",
    "replay": "run an estimator over a recorded dressing",
}

INTERRUPTED = 130
"""Exit code after an interrupt, as shells use it (128 + SIGINT)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code: 0, 1 (failed), 2 (wrong use) or 130 (interrupted)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    verb, arguments = _parse_verb(arguments[:1]), arguments[1:]
    module = importlib.import_module(f"elbowroom.verbs.{verb}")
    if hasattr(module, "ACTIONS"):
        action = _parse_action(verb, module, arguments[:1])
        module = importlib.import_module(f"elbowroom.verbs.{verb}_{action}")
        verb, arguments = f"{verb} {action}", arguments[1:]
    parser = argparse.ArgumentParser(
        prog=f"elbowroom {verb}",
        usage=f"elbowroom {verb} [options]",
        description=module.__doc__,
        formatter_class=_Formatter,
        add_help=False,
    )
    groups = module.GROUPS() if callable(module.GROUPS) else module.GROUPS
    add_options(parser, groups)
    given = parser.parse_args(arguments)
    try:
        options = read_options(given, groups)
    except ParameterError as error:
        parser.error(str(error))
    try:
        figures = module.run(options)
    except KeyboardInterrupt:
        print(f"\ninterrupted; {module.RESUME}", file=sys.stderr)
        return INTERRUPTED
    except _known_errors() as error:
        print(f"elbowroom {verb}: {error}", file=sys.stderr)
        return 1
    if options.json is not None and figures is not None:
        _write(options.json, figures)
    return 0


def _parse_verb(arguments: list[str]) -> str:
    width = max(map(len, VERBS)) + 2
    listing = "\n".join(f"  {name:<{width}}{text}" for name, text in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="elbowroom",
        usage="elbowroom <verb> [options]",
        description="A guaranteed box for the elbow that a dressing robot cannot see.",
        epilog=f"verbs:\n{listing}\n\n`elbowroom <verb> --help` lists the options of a verb.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=elbowroom.__version__)
    parser.add_argument("verb", nargs="?", choices=list(VERBS), help=argparse.SUPPRESS)
    verb = parser.parse_args(arguments).verb
    if verb is None:
        parser.print_help()
        raise SystemExit(2)
    return str(verb)


def _parse_action(verb: str, module: Any, arguments: list[str]) -> str:
    width = max(map(len, module.ACTIONS)) + 2
    listing = "\n".join(f"  {name:<{width}}{text}" for name, text in module.ACTIONS.items())
    parser = argparse.ArgumentParser(
        prog=f"elbowroom {verb}",
        usage=f"elbowroom {verb} {{{','.join(module.ACTIONS)}}} [options]",
        description=module.__doc__,
        epilog=f"actions:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=list(module.ACTIONS), help=argparse.SUPPRESS)
    return str(parser.parse_args(arguments).action)


def _known_errors() -> tuple[type[Exception], ...]:
    from elbowroom.campaign import CampaignError
    from elbowroom.grasping import GraspError

    return (
        ArtefactError,
        CampaignError,
        GraspError,
        InputError,
        ParameterError,
        TrialError,
        OSError,
    )


def _write(path: Path, figures: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=100)


if __name__ == "__main__":
    sys.exit(main())
