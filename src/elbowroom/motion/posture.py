"""Posture of one arm as seven numbers that may be averaged and scaled.

x = (a1, a2, b1, b2, s1, s2, s3). (a1, a2) is the logarithm of the upper arm's direction at a
reference direction c: u = exp_c(a). The forearm's direction is carried back along the great
circle from u to c and its logarithm taken there: f = R(c, u) exp_c(b), so that |b| is the elbow's
flexion and a straight arm is no singularity. s is the shoulder's displacement from its nominal
place, divided by the arm's length. All in the frame of a right arm: x ahead, y left, z up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SIZE = 7
UPPER = slice(0, 2)
FORE = slice(2, 4)
SHOULDER = slice(4, 7)

_CENTRE = np.array([0.4, -0.35, -0.85]) / np.linalg.norm([0.4, -0.35, -0.85])
_AHEAD = np.array([1.0, 0.0, 0.0]) - _CENTRE[0] * _CENTRE
_AHEAD /= np.linalg.norm(_AHEAD)
_FRAME = np.stack([_CENTRE, _AHEAD, np.cross(_CENTRE, _AHEAD)], axis=1)


def postures_from_joints(shoulder: Array, elbow: Array, wrist: Array, origin: Array) -> Array:
    """Posture coordinates of joint centres.

    Args:
        shoulder: [m], right arm, shape (T, 3).
        elbow: [m], shape (T, 3).
        wrist: [m], shape (T, 3).
        origin: nominal place of the shoulder [m], shape (3,).

    Returns:
        Angles [rad] and shoulder displacement [arm lengths], shape (T, 7).

    Raises:
        ValueError: if a segment has no length.
    """
    upper, fore = elbow - shoulder, wrist - elbow
    lengths = [np.linalg.norm(s, axis=1, keepdims=True) for s in (upper, fore)]
    if min(float(n.min()) for n in lengths) < 1e-6:
        raise ValueError("a segment of the arm has no length")
    u, f = upper / lengths[0], fore / lengths[1]
    a = _logarithm(u)
    b = _logarithm(_carry(u, f, back=True))
    reach = float(np.median(lengths[0] + lengths[1]))
    return np.hstack([a, b, (shoulder - origin) / reach])


def joints_from_postures(
    postures: Array, upper_arm: float, forearm: float, origin: Array
) -> tuple[Array, Array, Array]:
    """Joint centres of postures; the inverse of `postures_from_joints`.

    Args:
        postures: shape (T, 7).
        upper_arm: [m].
        forearm: [m].
        origin: nominal place of the shoulder [m], shape (3,).

    Returns:
        Shoulder, elbow and wrist [m], each (T, 3).
    """
    u = _exponential(postures[:, UPPER])
    f = _carry(u, _exponential(postures[:, FORE]), back=False)
    shoulder = origin + postures[:, SHOULDER] * (upper_arm + forearm)
    elbow = shoulder + upper_arm * u
    return shoulder, elbow, elbow + forearm * f


def _logarithm(direction: Array) -> Array:
    local = direction @ _FRAME
    sine = np.linalg.norm(local[:, 1:], axis=1)
    angle = np.arctan2(sine, local[:, 0])
    scale = np.where(sine > 1e-9, angle / np.maximum(sine, 1e-9), 1.0)
    return np.asarray(local[:, 1:] * scale[:, None])


def _exponential(vector: Array) -> Array:
    angle = np.linalg.norm(vector, axis=1)
    tangent = vector * np.sinc(angle / np.pi)[:, None]
    return np.asarray(np.hstack([np.cos(angle)[:, None], tangent]) @ _FRAME.T)


def _carry(u: Array, f: Array, back: bool) -> Array:
    """Turn f by the least rotation R that maps the centre onto u (or back).

    With s and e the directions before and after, R f = f - (s + e) (s + e)'f / (1 + s'e) + 2 e s'f.
    """
    f_at_u = np.sum(u * f, axis=1, keepdims=True)
    f_at_centre = (f @ _CENTRE)[:, None]
    both = u + _CENTRE
    share = (f_at_u + f_at_centre) / np.maximum(1 + u @ _CENTRE, 1e-9)[:, None]
    echo = f_at_u * _CENTRE if back else f_at_centre * u
    return np.asarray(f - both * share + 2 * echo)
