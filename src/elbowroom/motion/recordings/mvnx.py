"""Reader of Xsens MVNX motion recordings.

MVNX is XML: a `subject` (attributes `label`, `frameRate`) lists `segment` labels and then frames
of type "normal", whose `position` holds x y z [m] of every segment's origin in a room frame with
z up. The origin of UpperArm is the shoulder, of ForeArm the elbow, of Hand the wrist (Xsens MVN
User Manual, section on the MVNX file format).
"""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.recordings.alignment import Skeleton, clips_from_skeleton
from elbowroom.motion.recordings.recording import Clip, RecordingError

Array = NDArray[np.float64]

_JOINTS = ("UpperArm", "ForeArm", "Hand")
_ROOT = "Pelvis"
_LARGEST = 2**31
_LONGEST_TEXT = 100_000


def read_mvnx(path: Path) -> tuple[Clip, ...]:
    """Both arms of an MVNX file.

    The file is streamed. Document types and entities are refused, so nothing outside the file is
    read and nothing in it can be expanded.

    Raises:
        RecordingError: if the file is missing, mangled or has no arm in it.
    """
    content = _Content(path.name)
    try:
        if path.stat().st_size > _LARGEST:
            raise RecordingError(f"{path.name} is larger than 2 GiB")
        with path.open("rb") as file:
            content.parser.ParseFile(file)
    except (OSError, expat.ExpatError, UnicodeError) as error:
        raise RecordingError(f"{path.name} is not readable MVNX: {error}") from error
    return clips_from_skeleton(content.skeleton(), path.stem, content.subject or path.stem)


class _Content:
    """What the parser's events have said so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.subject = ""
        self.rate = 0.0
        self.labels: list[str] = []
        self.times: list[float | None] = []
        self.positions: list[Array] = []
        self._in_frame = False
        self._text: list[str] | None = None
        self._length = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def skeleton(self) -> Skeleton:
        """The arms, once the file was read."""
        if not self.positions:
            raise RecordingError(f"{self.name} has no frame of type normal with positions")
        positions = np.array(self.positions)
        index = {label: i for i, label in enumerate(self.labels)}
        sides = {s: [s + j for j in _JOINTS] for s in ("Right", "Left")}
        missing = [n for n in (_ROOT, *sides["Right"], *sides["Left"]) if n not in index]
        if missing:
            raise RecordingError(f"{self.name} lacks the segments {', '.join(missing)}")
        return Skeleton(
            time=self._clock(),
            root=positions[:, index[_ROOT]],
            right=positions[:, [index[n] for n in sides["Right"]]],
            left=positions[:, [index[n] for n in sides["Left"]]],
            up=np.array([0.0, 0.0, 1.0]),
        )

    def _clock(self) -> Array:
        """Stamps [s]: frames counted with the frame rate, lost ones told by the stamps in ms."""
        if not 1 <= self.rate <= 2000:
            raise RecordingError(f"{self.name}: frameRate must lie in [1, 2000] Hz")
        if any(t is None for t in self.times):
            return np.arange(len(self.times)) / self.rate
        steps = np.round(np.diff(np.array(self.times, dtype=float)) / 1000 * self.rate)
        return np.concatenate([[0.0], np.cumsum(steps) / self.rate])

    def _refuse(self, *_: object) -> int:
        raise RecordingError(f"{self.name}: document types and entities are not allowed")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "subject":
                if self.labels:
                    raise RecordingError(f"{self.name} has more than one subject")
                self.subject = attributes.get("label", "")
                self.rate = self._number(attributes.get("frameRate", "0"))
            case "segment":
                self.labels.append(attributes.get("label", ""))
            case "frame":
                self._in_frame = attributes.get("type", "normal") == "normal"
                if self._in_frame:
                    stamp = attributes.get("time")
                    self.times.append(None if not stamp else self._number(stamp))
            case "position" if self._in_frame:
                self._text, self._length = [], 0

    def _characters(self, text: str) -> None:
        if self._text is None:
            return
        self._length += len(text)
        if self._length > _LONGEST_TEXT:
            raise RecordingError(f"{self.name}: the positions of a frame are too long")
        self._text.append(text)

    def _end(self, tag: str) -> None:
        match tag.rpartition("}")[2]:
            case "position" if self._text is not None:
                self.positions.append(self._numbers("".join(self._text)))
                self._text = None
            case "frame" if self._in_frame:
                self._in_frame = False
                if len(self.positions) != len(self.times):
                    raise RecordingError(f"{self.name}: a frame has no positions or several")

    def _numbers(self, text: str) -> Array:
        words = text.split()
        if not self.labels or len(words) != 3 * len(self.labels):
            raise RecordingError(
                f"{self.name}: frame {len(self.positions)} has {len(words)} position numbers for "
                f"{len(self.labels)} segments"
            )
        return np.array([self._number(w) for w in words]).reshape(-1, 3)

    def _number(self, word: str) -> float:
        try:
            return float(word)
        except ValueError as error:
            raise RecordingError(f"{self.name}: {word[:20]!r} is not a number") from error
