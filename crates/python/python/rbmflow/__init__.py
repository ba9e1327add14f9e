"""Restricted Boltzmann machines and the renormalization group flow of the Ising model.

>>> import rbmflow
>>> spins = rbmflow.sample(size=4, temperatures="1,tc,4", samples_per_temperature=100, seed=1)
>>> spins.samples.shape
(300, 16)
>>> rbm = rbmflow.train(spins, hidden=4, epochs=5, seed=1)
>>> rbm.weights.shape
(16, 4)

Each function does what the verb of the program ``rbmflow`` does: the same settings, seed and inputs give the same bytes
(:meth:`Artifact.save`), on any number of threads (``RAYON_NUM_THREADS``).
"""

from ._artifacts import (
    Artifact,
    EquationOfState,
    Figures,
    Flow,
    Likelihood,
    Rbm,
    Spins,
    Thermometer,
    Weights,
    open,
)
from ._experiments import Run, run
from ._stages import (
    block_spin_flow,
    equation_of_state,
    flow,
    likelihood,
    measure,
    sample,
    thermometer,
    train,
    weights,
)
from ._theory import Couplings, Prediction, couplings, predict
from .errors import Error

__all__ = [
    "Artifact",
    "Couplings",
    "EquationOfState",
    "Error",
    "Figures",
    "Flow",
    "Likelihood",
    "Prediction",
    "Rbm",
    "Run",
    "Spins",
    "Thermometer",
    "Weights",
    "block_spin_flow",
    "couplings",
    "equation_of_state",
    "flow",
    "likelihood",
    "measure",
    "open",
    "predict",
    "run",
    "sample",
    "thermometer",
    "train",
    "weights",
]
