"""Couplings and predictions against what can be counted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import rbmflow


def test_couplings_against_enumeration() -> None:
    """J_S is the average of Π v_i ln p(v) over all configurations."""
    random = np.random.default_rng(3)
    rbm = rbmflow.Rbm.from_arrays(random.normal(size=(4, 3)), random.normal(size=4), random.normal(size=3))
    v = np.array(list(itertools.product([-1, 1], repeat=4)))
    log_p = -rbm.free_energy(v)
    found = rbmflow.couplings(rbm)
    np.testing.assert_allclose(found.fields, (v * log_p[:, None]).mean(0), atol=1e-12)
    pairs = np.einsum("ni,nj,n->ij", v, v, log_p) / len(v)
    np.fill_diagonal(pairs, 0)
    np.testing.assert_allclose(found.pairs, pairs, atol=1e-12)
    # The 2 × 2 torus: two bonds between neighbours, and the diagonal.
    assert found.distance is not None and found.coupling is not None
    np.testing.assert_allclose(found.distance, [1, np.sqrt(2)])
    np.testing.assert_allclose(found.coupling[1], (pairs[0, 3] + pairs[1, 2]) / 2)
    assert rbmflow.couplings(rbmflow.Rbm.from_arrays(np.ones((3, 1)))).distance is None


def test_prediction_against_the_flow() -> None:
    """One hidden unit with the weight w to each of 9 spins: m* = tanh(w) ⟨tanh(w M)⟩, and a long flow stays there."""
    rbm = rbmflow.Rbm.from_arrays(np.ones((9, 1)))
    found = rbmflow.predict(rbm)
    np.testing.assert_allclose(found.magnetization, -found.magnetization[::-1], atol=1e-12)
    assert abs(found.slope[0]) < 1 < abs(found.slope[1])
    assert found.reached == [0, 2, 0, 2] and found.energy_per_spin is not None
    np.testing.assert_allclose(found.energy_per_spin, -2 * found.magnetization**2, atol=1e-12)
    np.testing.assert_allclose(found.image[[0, -1]], -found.image[[-1, 0]], atol=1e-12)
    up = (1 + found.means[0]) / 2
    v = np.array(list(itertools.product([1, -1], repeat=9)))
    p = np.where(v == 1, up, 1 - up).prod(1)
    assert found.magnetization[0] == pytest.approx(np.tanh(1) * p @ np.tanh(v.sum(1)), abs=1e-10)
    assert found.abs_magnetization[0] == pytest.approx(p @ np.abs(v.sum(1)) / 9, abs=1e-12)
    with pytest.raises(rbmflow.errors.UsageError, match="closure is `none`"):
        rbmflow.predict(rbm, closure="none")
