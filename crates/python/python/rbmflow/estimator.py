"""A restricted Boltzmann machine by the conventions of scikit-learn. Needs scikit-learn."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _rbmflow
from ._artifacts import Rbm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._progress import Progress


class RBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A restricted Boltzmann machine with two-valued units.

    A visible unit is on where the data are above `threshold`: ±1 and 0/1 are both taken as they are meant.

    Args:
        n_components: the number of hidden units.
        learning_rate: ε.
        batch_size: samples of one update.
        n_iter: passes through the data.
        gibbs_steps: steps of the chains in each update.
        algorithm: ``cd``, ``pcd`` or ``parallel-tempering``.
        units: values of the units, ``binary`` (0/1) or ``spin`` (±1).
        biases: whether there are biases.
        threshold: what separates the two values in the data.
        random_state: an integer, a generator of NumPy, or ``None``. An integer is the master seed of :func:`rbmflow.train`.

    Attributes:
        rbm_: the machine, an :class:`rbmflow.Rbm`.
        components_: Wᵀ, shape ``(n_components, n_features)``.
        intercept_visible_: b, shape ``(n_features,)``.
        intercept_hidden_: c, shape ``(n_components,)``.
        n_features_in_: the number of visible units.
    """

    rbm_: Rbm

    _settings: ClassVar[dict[str, str]] = {
        "hidden": "n_components",
        "epochs": "n_iter",
        "learning_rate": "learning_rate",
        "batch_size": "batch_size",
        "gibbs_steps": "gibbs_steps",
        "algorithm": "algorithm",
        "units": "units",
        "biases": "biases",
    }

    def __init__(
        self,
        n_components: int = 64,
        *,
        learning_rate: float = 0.01,
        batch_size: int = 100,
        n_iter: int = 100,
        gibbs_steps: int = 1,
        algorithm: str = "cd",
        units: str = "binary",
        biases: bool = True,
        threshold: float = 0.0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        """Only keeps the settings; :meth:`fit` checks them."""
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_iter = n_iter
        self.gibbs_steps = gibbs_steps
        self.algorithm = algorithm
        self.units = units
        self.biases = biases
        self.threshold = threshold
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, progress: Progress = None) -> RBM:
        """Trains the machine on `X`, shape ``(n_samples, n_features)``; `y` is ignored."""
        from ._progress import listener

        if not isinstance(self.threshold, Real):
            raise ValueError(f"threshold is {self.threshold!r}; it must be a number")
        samples = self._units_of(X, reset=True)
        if isinstance(self.random_state, Integral):
            seed = int(self.random_state)
        else:
            seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        settings = {name: getattr(self, own) for name, own in self._settings.items()} | {"seed": seed}
        self.rbm_ = Rbm(_rbmflow.train_on_matrix(samples, settings, listener(progress)))
        self.components_ = self.rbm_.weights.T
        self.intercept_visible_ = self.rbm_.visible_bias
        self.intercept_hidden_ = self.rbm_.hidden_bias
        self._n_features_out = self.components_.shape[0]
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Means of the hidden units given `X`, shape ``(n_samples, n_components)``."""
        check_is_fitted(self)
        return self.rbm_.hidden_means(self._units_of(X, reset=False))

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """The pseudo-log-likelihood of each sample in nats, exact over all units, shape ``(n_samples,)``."""
        check_is_fitted(self)
        return self.rbm_.pseudo_log_likelihood(self._units_of(X, reset=False))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of :meth:`score_samples`; `y` is ignored."""
        return float(self.score_samples(X).mean())

    def _units_of(self, X: Any, *, reset: bool) -> NDArray[np.int8]:
        """Data as the visible units: ±1."""
        data = validate_data(self, X, reset=reset, dtype="numeric")
        return np.where(data > self.threshold, 1, -1).astype(np.int8)
