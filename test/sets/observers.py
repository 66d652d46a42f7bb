"""The published observers, built from the verbs: what their papers do, step by step."""

from __future__ import annotations

import numpy as np

from elbowroom.sets import Zonotope
from elbowroom.sets.strips import correct, least_radius_gain

ROOT_2G = np.sqrt(2 * 9.81)


class Tank:
    """Six tanks in a row (Althoff, Guaranteed State Estimation in CORA 2021).

    x_i+ = x_i + b_i sqrt x_(i-1) - a_i sqrt x_i + inflow_i, read off the published dynamics.
    """

    def __init__(self, step=0.5, k=0.015):
        flow = np.array([k, 1.0, k, k, k, k]) * ROOT_2G * step
        self.loss, self.gain = flow, np.r_[0.0, flow[1:]]

        self.inflow = np.zeros((6, 3))
        self.inflow[[0, 3, 4], [0, 1, 2]] = [step, flow[3], flow[4]]

    def next(self, x, u):
        root = np.sqrt(x)
        return x + self.inflow @ u - self.loss * root + self.gain * np.r_[0.0, root[:-1]]

    def jacobian(self, x):
        half = 0.5 / np.sqrt(x)
        return np.eye(6) - np.diag(self.loss * half) + np.diag(self.gain[1:] * half[:-1], -1)

    def hessian(self, i, low, high):
        """Middle and radius of d2 f_i / dx2 over a box: -1/4 x^-3/2 times the coefficients."""
        middle, radius = np.zeros((6, 6)), np.zeros((6, 6))
        for j, a in ((i, -self.loss[i]), (i - 1, self.gain[i])):
            if a != 0.0:
                ends = -0.25 * a * np.array([low[j], high[j]]) ** -1.5
                middle[j, j] += ends.mean()
                radius[j, j] += abs(ends[1] - ends[0]) / 2
        return middle, radius


def remainder(tank, Z):
    """Enclose the second-order Lagrange remainder of the dynamics over Z about its centre."""
    hull, G = Z.hull(), Z.reduce(1, "pca").generators
    d, n = G.shape
    reach = 0.5 * hull.size
    center, square, mixed, box = np.zeros(d), np.zeros((d, n)), np.zeros((d, n * (n - 1) // 2)), []
    upper = np.triu_indices(n, 1)
    for i in range(d):
        middle, radius = tank.hessian(i, hull.low, hull.high)
        form = G.T @ middle @ G
        square[i] = 0.25 * np.diag(form)
        center[i] = square[i].sum()
        mixed[i] = 0.5 * (form + form.T)[upper]
        box.append(0.5 * reach @ radius @ reach)
    G = np.concatenate([square, mixed, np.diag(box)], axis=1)
    return Zonotope(center, G[:, np.abs(G).max(axis=0) > 0])


def propagate(tank, Z, u, order):
    """Enclose f(Z): linearised at the centre, plus the remainder."""
    A = tank.jacobian(Z.center)
    moved = Z.translate(-Z.center).linear_map(A).translate(tank.next(Z.center, u))
    return moved.minkowski_sum(remainder(tank, Z)).reduce(order, "pca")


def observe_strips(tank, case, gain):
    """FRad-A and FRad-B: predict, add the disturbance, correct by a gain, reduce."""
    H, s = np.eye(6)[case["H_rows"]], np.full(3, case["V_half"])
    W = Zonotope(np.zeros(6), case["W_rad"] * np.eye(6))
    Z = Zonotope(np.array(case["x0_c"], float), case["x0_rad"] * np.eye(6))
    u = np.array(case["u"]).T
    for k, y in enumerate(np.array(case["y"]).T):
        if k:
            Z = propagate(tank, Z, u[k - 1], case["order"]).minkowski_sum(W)
        Z = gain(tank, Z, H, y, s, W)
        Z = Z.reduce(case["order"], "pca") if k else Z
    return Z


def one_strip_at_a_time(_, Z, H, y, s, __):
    """FRad-A: the gain of least F-radius, strip by strip (Alamo et al. 2005)."""
    for h, value, width in zip(H, y, s, strict=True):
        Z = correct(Z, h, value, width, least_radius_gain(Z, h, width))
    return Z


def all_strips_of_predicted(tank, Z, H, y, s, W):
    """FRad-B: the gain of the set predicted from this one once more (Wang et al. 2018, eq. 12)."""
    A = tank.jacobian(Z.center)
    R = A @ Z.generators @ Z.generators.T @ A.T + W.generators @ W.generators.T
    gain = np.linalg.solve(H @ R @ H.T + np.diag(s**2), H @ R).T
    return correct(Z, H, y, s, gain)


def observe_predicted(tank, case):
    """FRad-C: the prediction corrected by the last measurement, Kalman-like (Combastel 2015)."""
    H, s = np.eye(6)[case["H_rows"]], np.full(3, case["V_half"])
    W = Zonotope(np.zeros(6), case["W_rad"] * np.eye(6))
    Z = Zonotope(np.array(case["x0_c"], float), case["x0_rad"] * np.eye(6))
    for y, u in zip(np.array(case["y"]).T[:-1], np.array(case["u"]).T, strict=False):
        A, c = tank.jacobian(Z.center), Z.center
        L = A @ least_radius_gain(Z, H, s)
        about = Z.translate(-c).linear_map(A - L @ H).translate(tank.next(c, u) + L @ (y - H @ c))
        noise = Zonotope(np.zeros(6), np.concatenate([-L * s, W.generators], axis=1))
        Z = (
            about.minkowski_sum(noise)
            .minkowski_sum(remainder(tank, Z))
            .reduce(case["order"], "pca")
        )
    return Z
