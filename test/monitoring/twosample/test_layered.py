from __future__ import annotations

import numpy as np
import pytest

from elbowroom.monitoring import MonitoringError, layered_test, permutation_test


def draw_layers(seed: int, n: int, shift: float = 0.0) -> dict[str, np.ndarray]:
    """Three layers of one input: strongly dependent, the shift in the last one only."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4))
    return {
        "input": x,
        "inner": np.tanh(x) + 0.1 * rng.standard_normal((n, 4)),
        "last": x[:, :2] ** 2 + 0.1 * rng.standard_normal((n, 2)) + shift,
    }


def test_a_layer_alone_is_its_permutation_test():
    x, y = draw_layers(0, 15), draw_layers(1, 12, 0.5)
    found = layered_test(x, y, permutations=99, seed=5)
    for name in x:
        alone = permutation_test(x[name], y[name], permutations=99, seed=5)
        assert found.p_by_layer[name] == alone.p
        assert found.statistic_by_layer[name] == pytest.approx(alone.statistic)
    one = layered_test({"input": x["input"]}, {"input": y["input"]}, permutations=99, seed=5)
    assert one.p == found.p_by_layer["input"]


def test_adjusted_values_are_ordered_as_they_must_be():
    found = layered_test(draw_layers(0, 30), draw_layers(1, 30, 0.4), seed=1)
    for name, p in found.p_by_layer.items():
        assert p <= found.adjusted_by_layer[name]
    assert found.p == min(found.adjusted_by_layer.values())
    assert found.statistic == max(found.statistic_by_layer.values())


def test_the_layer_that_changed_is_named():
    found = layered_test(draw_layers(0, 40), draw_layers(1, 40, 2.0))
    assert found.p < 0.01
    assert [name for name, p in found.adjusted_by_layer.items() if p < 0.05] == ["last"]


def test_false_alarms_over_all_layers_stay_at_the_level():
    p = [
        layered_test(draw_layers(2 * s, 20), draw_layers(2 * s + 1, 20), permutations=39, seed=s).p
        for s in range(120)
    ]
    # 120 draws of 5 %: more than 14 happen once in 1300.
    assert np.mean(np.array(p) <= 0.05) <= 0.12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.pop("inner"), "lacks the layers"),
        (lambda x: x.update(extra=x["input"]), "unknown layers"),
        (lambda x: x.update(inner=x["inner"][1:]), "number of rows"),
        (lambda x: x.update(inner=x["inner"][:, 1:]), "layer inner must have 4 features"),
        (lambda x: x["last"].__setitem__(0, np.nan), "layer last must be finite"),
    ],
)
def test_layers_that_do_not_fit_are_refused(change, message):
    sample = draw_layers(1, 10)
    change(sample)
    with pytest.raises(MonitoringError, match=message):
        layered_test(draw_layers(0, 10), sample)


def test_an_empty_reference_is_refused():
    with pytest.raises(MonitoringError, match="empty"):
        layered_test({}, {})
