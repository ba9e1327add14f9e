"""The estimator keeps scikit-learn's conventions."""

from __future__ import annotations

import numpy as np
import pytest
import rbmflow
from rbmflow.estimator import RBM
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

EXCEPTIONS: dict[str, str] = {}


@parametrize_with_checks(
    [RBM(n_components=3, n_iter=3, random_state=1)], expected_failed_checks=lambda _: EXCEPTIONS
)
def test_conventions(estimator, check) -> None:  # type: ignore[no-untyped-def]
    check(estimator)


@pytest.mark.parametrize("units", ["spin", "binary"])
def test_it_is_the_same_machine(units: str, spins: rbmflow.Spins) -> None:
    """The weights are those of `train` with the same settings and seed, from ±1 and from 0/1."""
    model = RBM(n_components=5, n_iter=3, units=units, random_state=7)
    expected = rbmflow.train(spins, hidden=5, epochs=3, units=units, biases=True, seed=7)
    for data in (spins.samples, (spins.samples + 1) // 2, spins.samples == 1):
        fitted = clone(model).fit(data)
        np.testing.assert_array_equal(fitted.components_, expected.weights.T)
        np.testing.assert_array_equal(fitted.intercept_hidden_, expected.hidden_bias)
        np.testing.assert_array_equal(fitted.transform(data), expected.hidden_means(spins.samples))
        np.testing.assert_array_equal(fitted.score_samples(data), expected.pseudo_log_likelihood(spins.samples))
    assert fitted.rbm_["weights"].shape == (16, 5)
    assert list(fitted.get_feature_names_out()[:2]) == ["rbm0", "rbm1"]


def test_it_learns_and_fits_into_a_pipeline(spins: rbmflow.Spins) -> None:
    """Hot and cold configurations are told apart by hidden units, and training raises the score."""
    hot = (spins.labels >= 2).astype(int)
    model = make_pipeline(RBM(16, n_iter=60, units="spin", random_state=1), LogisticRegression())
    magnetization = np.abs(spins.magnetization) > 10
    assert model.fit(spins.samples, magnetization).n_features_in_ == 16
    short, long = (RBM(16, n_iter=n, random_state=1).fit(spins.samples, hot) for n in (1, 200))
    assert long.score(spins.samples) > short.score(spins.samples) + 1
    with pytest.raises(ValueError, match="algorithm|variant"):
        RBM(algorithm="magic").fit(spins.samples)
