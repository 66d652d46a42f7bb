"""Moving pictures: frames above a timeline, as GIF and, where ffmpeg is there, as MP4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from elbowroom.core import Status
from elbowroom.view.frame import COLOURS, Frame

Image = NDArray[np.uint8]

_INK = (38, 41, 48)
_FAINT = (122, 128, 138)
_PAPER = (255, 255, 255)
_LEGEND = (((255, 209, 13), "true elbow, unseen by the robot"), ((76, 133, 235), "sleeve"))


def write_movie(stem: Path, images: Sequence[Image], rate: float, colours: int = 128) -> list[Path]:
    """Write images as `stem.gif`, and as `stem.mp4` if imageio finds an ffmpeg.

    Args:
        stem: path without suffix.
        images: shape (h, w, 3) each, all alike.
        rate: images a second.
        colours: of the GIF's palette.

    Returns:
        The files written.

    Raises:
        ValueError: if there is no image.
    """
    if not images:
        raise ValueError("a moving picture needs at least one image")
    stem.parent.mkdir(parents=True, exist_ok=True)
    palette = _palette(images, colours)
    frames = [
        Pillow.fromarray(i).quantize(palette=palette, dither=Pillow.Dither.NONE) for i in images
    ]
    path = stem.with_suffix(".gif")
    # GIF stores hundredths of a second; the last image stays for a moment.
    pause = [round(100 / rate) * 10] * (len(frames) - 1) + [1500]
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=pause, loop=0, optimize=True
    )
    return [path, *_write_mp4(stem.with_suffix(".mp4"), images, rate)]


def caption(image: Image, frame: Frame, title: str = "") -> Image:
    """The image between a headline and a legend.

    Args:
        image: shape (h, w, 3).
        frame: what it shows.
        title: headline; the frame's caption stands at its right.

    Returns:
        Shape (h + 2 b, w, 3) with bands of b rows.
    """
    height, width = image.shape[:2]
    size = max(width // 46, 10)
    band = round(2.4 * size)
    picture = Pillow.new("RGB", (width, height + 2 * band), _PAPER)
    picture.paste(Pillow.fromarray(image), (0, band))
    draw = ImageDraw.Draw(picture)
    large, small = _font(round(1.25 * size)), _font(size)
    draw.text((size, band / 2), title, fill=_INK, font=large, anchor="lm")
    words = frame.caption if len(frame.caption) < 48 else frame.caption[:47] + "…"
    draw.text((width - size, band / 2), words, fill=_FAINT, font=small, anchor="rm")
    x = float(size)
    for colour, text in _legend(frame):
        y = height + 1.5 * band
        draw.rounded_rectangle((x, y - size / 2, x + size, y + size / 2), 3, fill=colour)
        draw.text((x + 1.5 * size, y), text, fill=_INK, font=small, anchor="lm")
        x += 3.2 * size + draw.textlength(text, font=small)
    return np.asarray(picture)


def _legend(frame: Frame) -> list[tuple[tuple[int, int, int], str]]:
    rows = list(_LEGEND)
    if frame.box is not None:
        promise = "guaranteed" if frame.status is Status.GUARANTEED else frame.status.name.lower()
        text = f"elbow's box, {promise}, edge {100 * frame.box.edge:.0f} cm"
        rows.insert(0, (_bytes(COLOURS[frame.status]), text))
    return rows


class Timeline:
    """A strip with the whole course, in which the past is bright and the future faint.

    Args:
        strip: drawn course, shape (h, w, 3).
        span: columns of the strip at which time starts and ends.
        duration: [s].
    """

    def __init__(self, strip: Image, span: tuple[float, float], duration: float) -> None:
        self._strip, self._span, self._duration = strip, span, duration
        white = strip.astype(float).max()
        self._faint = (white - 0.22 * (white - strip.astype(float))).astype(np.uint8)

    def at(self, time: float) -> Image:
        """The strip with a cursor at a time [s]."""
        share = min(max(time / max(self._duration, 1e-9), 0.0), 1.0)
        column = round(self._span[0] + share * (self._span[1] - self._span[0]))
        image = self._strip.copy()
        image[:, column:] = self._faint[:, column:]
        image[:, max(column - 1, 0) : column + 1] = _INK
        return image


def stack(image: Image, strip: Image | None) -> Image:
    """The strip below the image."""
    return image if strip is None else np.concatenate([image, strip])


def _palette(images: Sequence[Image], colours: int) -> Any:
    chosen = [images[i][::2, ::2] for i in np.linspace(0, len(images) - 1, 6).astype(int)]
    # Small things keep their colours by a patch of their own.
    height = max(len(i) for i in chosen) // 4
    keys = np.array([_PAPER, *(colour for colour, _ in _LEGEND)], dtype=np.uint8)
    keys = np.concatenate([keys, [_bytes(c) for c in COLOURS.values()]]).astype(np.uint8)
    patch = np.repeat(keys, chosen[0].shape[1] * height // len(keys), axis=0)
    rows = len(patch) // chosen[0].shape[1]
    patch = patch[: rows * chosen[0].shape[1]].reshape(rows, -1, 3)
    pixels = Pillow.fromarray(np.concatenate([*chosen, patch]))
    return pixels.quantize(colours, method=Pillow.Quantize.MEDIANCUT, kmeans=1)


def _write_mp4(path: Path, images: Iterable[Image], rate: float) -> list[Path]:
    try:
        import imageio_ffmpeg
    except ImportError:
        return []
    frames = list(images)
    height, width = (n // 2 * 2 for n in frames[0].shape[:2])
    writer = imageio_ffmpeg.write_frames(
        str(path), (width, height), fps=rate, codec="libx264", quality=7, macro_block_size=2
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame[:height, :width]))
    writer.close()
    return [path]


def _font(size: int) -> Any:
    from matplotlib import font_manager

    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)


def _bytes(colour: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (round(255 * c) for c in colour)
    return red, green, blue
