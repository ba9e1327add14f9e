"""What follows from the weights of a machine alone, without sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _rbmflow
from ._artifacts import Path, Rbm, given

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Couplings:
    """The Hamiltonian that a machine has learnt: fields and pairs, in units of k_B T."""

    fields: NDArray[np.float64]
    """J_i, shape ``(visible,)``."""
    pairs: NDArray[np.float64]
    """J_ij, shape ``(visible, visible)``, symmetric, 0 on the diagonal."""
    distance: NDArray[np.float64] | None
    """Distances of pairs on the torus, in lattice spacings; ``None`` if the sites are no square, as for the rest."""
    coupling: NDArray[np.float64] | None
    """The mean coupling at each distance. An Ising model has 1/T at distance 1 and 0 beyond."""
    coupling_deviation: NDArray[np.float64] | None
    """Its standard deviation over the pairs."""
    temperature: float | None
    """1/J between nearest neighbours in J/k_B: the temperature that the machine encodes."""
    temperature_error: float | None
    """Its standard error if bonds were independent."""


def couplings(rbm: Rbm | Path) -> Couplings:
    """The couplings of a machine, by exact integrals."""
    native = given(Rbm, rbm)
    found = _rbmflow.couplings(native, _size(native))
    absent = ("distance", "coupling", "coupling_deviation", "temperature", "temperature_error")
    return Couplings(**{**dict.fromkeys(absent), **found})


@dataclass(frozen=True, eq=False)
class Prediction:
    """Where the flow of a machine comes to rest, from its weights alone."""

    means: NDArray[np.float64]
    """⟨v⟩ at each fixed point, shape ``(point, visible)``, by descending magnetization."""
    slope: NDArray[np.float64]
    """What a step multiplies a small deviation by in the end, shape ``(point,)``; stable below 1 in magnitude."""
    relaxation_steps: NDArray[np.float64]
    """Steps in which a small deviation changes by a factor of e, shape ``(point,)``."""
    magnetization: NDArray[np.float64]
    """⟨M⟩/N, shape ``(point,)``."""
    abs_magnetization: NDArray[np.float64]
    """⟨|M|⟩/N of independent spins, shape ``(point,)``."""
    energy_per_spin: NDArray[np.float64] | None
    """Energy per site in J on the L × L torus, shape ``(point,)``; ``None`` if the sites are no square."""
    reached: list[int | None]
    """The point that starts at ⟨v⟩ = 1, −1, 0.01, −0.01 on all sites lead to."""
    mean: NDArray[np.float64]
    """m, the same on all sites, from −1 to 1."""
    image: NDArray[np.float64]
    """The mean over sites of m′, one step later: the curve of a cobweb."""


def predict(rbm: Rbm | Path, *, closure: str = "exact", points: int = 101) -> Prediction:
    """Predicts the fixed points of the flow of a machine.

    Args:
        rbm: the machine.
        closure: what is taken to be independent of what: ``gaussian``, ``memory`` or ``exact``.
        points: the number of points of the curve m → m′.
    """
    native = given(Rbm, rbm)
    found = _rbmflow.predict(native, closure, _size(native), points)
    return Prediction(**{"energy_per_spin": None, **found})


def _size(native: _rbmflow.Artifact) -> int | None:
    """L, if the visible units may be an L × L lattice."""
    if native.schema != Rbm.SCHEMA:
        # The native half says what is wrong.
        return None
    visible = native.array("weights").shape[0]
    size = math.isqrt(visible)
    return size if size >= 2 and size * size == visible else None
