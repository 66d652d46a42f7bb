"""Units of a stream that may be taken for independent, and the refusal of units that may not.

A sensor's samples depend on their neighbours. The unit is a whole trial or contact; where there is
none, a block at least 5 tau long with a gap of at least 2.5 tau to the next, tau being the
integrated autocorrelation time [samples]

    tau = 1/2 + sum over lags k >= 1 of rho_k,

summed to the first lag k >= 5 tau (Sokal 1997). For an AR(1) process of coefficient a this is
(1 + a) / (2 (1 - a)), nearly its time constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, UnitError, read_samples, require

BLOCK_IN_TAU = 5.0
GAP_IN_TAU = 2.5
_WINDOW = 5.0


def autocorrelation_time(trials: ArrayLike | Sequence[ArrayLike]) -> float:
    """Longest integrated autocorrelation time tau over the features [samples].

    Args:
        trials: one series, shape (n,) or (n, d), or a list of series of independent trials, whose
            autocovariances are pooled about their common mean.

    Raises:
        UnitError: if the series are too short to see the correlation die out: shorter together
            than 20 tau, or each shorter than the lag at which the sum may be cut.
        MonitoringError: if the samples are refused or every feature is constant.
    """
    series = _read_series(trials)
    longest = max(map(len, series))
    rho = _autocorrelations(series, longest)
    sums = 0.5 + np.cumsum(rho[1:], axis=0)
    lags = np.arange(1, longest, dtype=np.float64)
    times = [_cut(sums[:, j], lags) for j in range(rho.shape[1])]
    tau = max(times)
    total = sum(map(len, series))
    if not np.isfinite(tau) or total < 20 * tau:
        raise UnitError(
            f"{total} samples in series of at most {longest} are too few to see the "
            f"autocorrelation die out: the trial itself is the unit"
        )
    return float(max(tau, 0.5))


def check_units(length: int, gap: int, tau: float) -> None:
    """Refuse blocks too short or too close to be taken for independent.

    Args:
        length: of the blocks [samples].
        gap: between them [samples].
        tau: autocorrelation time [samples].

    Raises:
        UnitError: if length < 5 tau or gap < 2.5 tau.
    """
    if length < BLOCK_IN_TAU * tau:
        raise UnitError(
            f"blocks of {length} samples are too short: tau is {tau:.1f} samples, "
            f"at least {int(np.ceil(BLOCK_IN_TAU * tau))} are needed"
        )
    if gap < GAP_IN_TAU * tau:
        raise UnitError(
            f"a gap of {gap} samples is too short: tau is {tau:.1f} samples, "
            f"at least {int(np.ceil(GAP_IN_TAU * tau))} are needed"
        )


def cut_blocks(samples: ArrayLike, length: int, gap: int) -> list[Array]:
    """Blocks of `length` samples with `gap` left out between them; a shorter rest is dropped."""
    rows = read_samples("samples", samples, 1)
    require(length >= 1 and gap >= 0, f"need length >= 1 and gap >= 0, got {length} and {gap}")
    starts = range(0, len(rows) - length + 1, length + gap)
    return [rows[i : i + length] for i in starts]


def summarise_unit(samples: ArrayLike, *, spread: bool = True) -> Array:
    """What one unit is reduced to: mean of each feature and, if asked, log of its deviation.

    Args:
        samples: of one trial or block, shape (n, d).
        spread: append log(deviation + 1e-6 + 1e-3 |mean|), which needs two samples; the small
            terms keep a feature that stands still from minus infinity.

    Returns:
        Shape (d,) or (2 d,).
    """
    rows = read_samples("samples of a unit", samples, 2 if spread else 1)
    mean = rows.mean(axis=0)
    if not spread:
        return np.asarray(mean)
    floor = 1e-6 + 1e-3 * np.abs(mean)
    return np.concatenate([mean, np.log(rows.std(axis=0, ddof=1) + floor)])


def _read_series(trials: ArrayLike | Sequence[ArrayLike]) -> list[Array]:
    if isinstance(trials, list | tuple) and trials and np.ndim(trials[0]) >= 1:
        first = read_samples("trial 0", trials[0])
        width = first.shape[1]
        return [read_samples(f"trial {i}", t, 2, width) for i, t in enumerate(trials)]
    return [read_samples("series", trials)]  # type: ignore[arg-type]


def _autocorrelations(series: list[Array], longest: int) -> Array:
    mean = np.concatenate(series).mean(axis=0)
    size = 1 << int(np.ceil(np.log2(2 * longest)))
    sums, counts = np.zeros((longest, len(mean))), np.zeros(longest)
    for rows in series:
        spectrum = np.fft.rfft(rows - mean, size, axis=0)
        products = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=0)[: len(rows)]
        sums[: len(rows)] += products
        counts[: len(rows)] += np.arange(len(rows), 0, -1)
    power = np.mean(np.concatenate([np.abs(rows) for rows in series]) ** 2, axis=0)
    moving = sums[0] > 1e-20 * (1.0 + power) * counts[0]
    require(moving.any(), "every feature is constant: no autocorrelation")
    pooled = sums[:, moving] / counts[:, None]
    return np.asarray(pooled / pooled[0])


def _cut(sums: Array, lags: Array) -> float:
    ended = np.flatnonzero(lags >= _WINDOW * np.maximum(sums, 0.5))
    return float(sums[ended[0]]) if ended.size else float("inf")
