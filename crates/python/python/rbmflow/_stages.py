"""The stages of an experiment: each does what the verb of ``rbmflow`` with the same name does.

Settings have the names of the verbs' arguments. One that is ``None`` has the default of the verb; settings that are rarely
changed are given as further keywords, by their names in a file's `config`. Inputs may be artifacts or names of files.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _rbmflow
from ._artifacts import (
    EquationOfState,
    Flow,
    Likelihood,
    Path,
    Rbm,
    Spins,
    Thermometer,
    Weights,
    given,
)
from ._progress import Progress, listener

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Temperatures: TypeAlias = "str | float | Sequence[float | str] | ArrayLike"
"""Temperatures in J/k_B: numbers, or text as on the command line: ``"0:6:0.25"``, ``"0,tc,inf"``, ``"V"``."""
Tables: TypeAlias = "EquationOfState | Path | Sequence[EquationOfState | Path] | None"
"""Thermal averages: one table for each size of the lattice."""


def sample(
    size: int,
    temperatures: Temperatures,
    samples_per_temperature: int,
    *,
    seed: int | None = None,
    field: float | None = None,
    algorithm: str | None = None,
    model: str | None = None,
    progress: Progress = None,
) -> Spins:
    """Samples Ising configurations on an L × L torus.

    Args:
        size: L.
        temperatures: in J/k_B; 0 and infinity are exact.
        samples_per_temperature: configurations at each temperature.
        seed: the master seed (0).
        field: the uniform field in J (0).
        algorithm: ``metropolis``, ``heat-bath``, ``wolff``, ``swendsen-wang``, ``checkerboard`` or
            ``coupling-from-the-past`` (``metropolis``).
        model: ``ising``, ``shuffled`` or ``curie-weiss`` (``ising``).
        progress: a function of the fraction that is done, or a bar of tqdm.

    Returns:
        ``samples`` of shape ``(temperatures * samples_per_temperature, L * L)``, with observables per temperature and,
        where they are known, their exact values.
    """
    settings = {
        "size": size,
        "temperatures": temperatures,
        "samples_per_temperature": samples_per_temperature,
        "seed": seed,
        "field": field,
        "algorithm": algorithm,
        "model": model,
    }
    return Spins(_rbmflow.sample(settings, listener(progress)))


def equation_of_state(
    size: int,
    *,
    temperatures: Temperatures | None = None,
    field: float | None = None,
    effective_samples: int | None = None,
    seed: int | None = None,
    progress: Progress = None,
) -> EquationOfState:
    """Tabulates the thermal averages of the Ising model on an L × L torus, which thermometers are read against.

    Args:
        size: L; the table is exact up to 12.
        temperatures: ascending, in J/k_B, from 0 on (0 to 12, fine where the curves bend).
        field: the uniform field in J (0); exact tables only.
        effective_samples: where the table is measured, independent configurations at each temperature (4096).
        seed: where the table is measured, the master seed (0).
        progress: a function of the fraction that is done, or a bar of tqdm.
    """
    settings = {
        "size": size,
        "temperatures": temperatures,
        "field": field,
        "effective_samples": effective_samples,
        "seed": seed,
    }
    return EquationOfState(_rbmflow.equation_of_state(settings, listener(progress)))


def train(
    spins: Spins | Path | Sequence[Spins | Path],
    *,
    hidden: int | None = None,
    epochs: int | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    gibbs_steps: int | None = None,
    units: str | None = None,
    biases: bool | None = None,
    algorithm: str | None = None,
    optimizer: str | None = None,
    temperatures: Temperatures | None = None,
    seed: int | None = None,
    progress: Progress = None,
    **others: Any,
) -> Rbm:
    """Trains a restricted Boltzmann machine.

    Args:
        spins: the configurations; several are one training set.
        hidden: the number of hidden units (64).
        epochs: passes through the training set (100).
        learning_rate: ε (0.01).
        batch_size: configurations of one update (100).
        gibbs_steps: k, steps of the chains in each update (1).
        units: ``spin`` (±1) or ``binary`` (0/1) (``spin``).
        biases: whether there are biases (no).
        algorithm: ``cd``, ``pcd`` or ``parallel-tempering`` (``cd``).
        optimizer: ``sgd`` or ``adam`` (``sgd``).
        temperatures: those of the training set in J/k_B (all).
        seed: the master seed (0).
        progress: a function of the fraction that is done, or a bar of tqdm.
        others: ``centred``, ``chains``, ``momentum``, ``weight_decay``, ``initial_deviation``, ``tempering_levels``,
            ``monitor_every``, ``monitor_samples``.

    Returns:
        ``weights`` of shape ``(visible, hidden)``, both biases, and the history of the training.

    Raises:
        ComputationError: if the training diverges.
    """
    settings = {
        "hidden": hidden,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "gibbs_steps": gibbs_steps,
        "units": units,
        "biases": biases,
        "algorithm": algorithm,
        "optimizer": optimizer,
        "temperatures": temperatures,
        "seed": seed,
        **others,
    }
    parts = spins if isinstance(spins, Sequence) and not isinstance(spins, str) else [spins]
    return Rbm(_rbmflow.train([given(Spins, part) for part in parts], settings, listener(progress)))


def thermometer(
    spins: Spins | Path,
    test: Spins | Path,
    *,
    equation_of_state: EquationOfState | Path | None = None,
    hidden: Sequence[int] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    augment: bool | None = None,
    validation_fraction: float | None = None,
    patience: int | None = None,
    seed: int | None = None,
    progress: Progress = None,
) -> Thermometer:
    """Trains a network that reads temperatures.

    Args:
        spins: the configurations to train on.
        test: others at the same temperatures.
        equation_of_state: thermal averages, to compare with the exact posterior.
        hidden: units of each hidden layer ([64]).
        epochs: passes over the training data at most (120).
        batch_size: configurations of one update (100).
        learning_rate: at the start (0.003).
        augment: whether to train with random symmetric images (yes).
        validation_fraction: of the configurations, to choose the best epoch (0.1).
        patience: epochs without improvement before training stops (40).
        seed: the master seed (1).
        progress: a function of the fraction that is done, or a bar of tqdm.
    """
    settings = {
        "hidden": hidden,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "augment": augment,
        "validation_fraction": validation_fraction,
        "patience": patience,
        "seed": seed,
    }
    table = None if equation_of_state is None else given(EquationOfState, equation_of_state)
    native = _rbmflow.thermometer(
        given(Spins, spins), given(Spins, test), table, settings, listener(progress)
    )
    return Thermometer(native)


def measure(
    spins: Spins | Path,
    *,
    thermometer: Thermometer | Path | None = None,
    equation_of_state: Tables = None,
) -> dict[str, NDArray[np.float64]]:
    """Reads the temperatures of configurations with all thermometers that there are.

    Returns:
        Columns of a table with one row for each temperature of `spins`, in J/k_B: ``temperature``; with a network
        ``nn_temperature`` and ``nn_peak``; with a network and a table ``bayes_temperature``; with a table
        ``energy_temperature`` and ``magnetization_temperature``; and their standard errors, ``…_error``.
    """
    return _rbmflow.measure(given(Spins, spins), _network(thermometer), _tables(equation_of_state))


def flow(
    rbm: Rbm | Path,
    starts: Spins | Path,
    *,
    thermometer: Thermometer | Path | None = None,
    equation_of_state: Tables = None,
    steps: int | None = None,
    chains: int | None = None,
    mode: str | None = None,
    start_temperatures: Temperatures | None = None,
    snapshots: int | None = None,
    seed: int | None = None,
    progress: Progress = None,
    **others: Any,
) -> Flow:
    """Follows the flow of a machine: visible to hidden to visible units, and so on.

    Args:
        rbm: the machine.
        starts: the configurations to start from.
        thermometer: a network that reads temperatures.
        equation_of_state: thermal averages, for T_E and T_m.
        steps: the number of steps (200).
        chains: chains from each start (1000).
        mode: ``sampled`` or ``mean-field`` (``sampled``).
        start_temperatures: in J/k_B (all of `starts`).
        snapshots: chains whose configurations are kept (8).
        seed: the master seed (0).
        progress: a function of the fraction that is done, or a bar of tqdm.
        others: ``record``, ``fixed_point``.

    Returns:
        Quantities of shape ``(start, step)`` with standard errors over chains, and the fixed point.
    """
    settings = {
        "steps": steps,
        "chains": chains,
        "mode": mode,
        "start_temperatures": start_temperatures,
        "snapshots": snapshots,
        "seed": seed,
        **others,
    }
    tables, network = _tables(equation_of_state), _network(thermometer)
    native = _rbmflow.rbm_flow(
        given(Rbm, rbm), given(Spins, starts), network, tables, settings, listener(progress)
    )
    return Flow(native)


def block_spin_flow(
    spins: Spins | Path,
    *,
    thermometer: Thermometer | Path | None = None,
    equation_of_state: Tables = None,
    steps: int | None = None,
    chains: int | None = None,
    start_temperatures: Temperatures | None = None,
    snapshots: int | None = None,
    seed: int | None = None,
    progress: Progress = None,
) -> Flow:
    """Follows the block-spin flow: 2 × 2 majority, so that the lattice halves with each step.

    Args:
        spins: the configurations to start from.
        thermometer: a network that reads temperatures.
        equation_of_state: thermal averages, one table for each size of the lattice.
        steps: the number of steps at most (3).
        chains: configurations of each start (1000).
        start_temperatures: in J/k_B (all of `spins`).
        snapshots: configurations that are kept at each step (8).
        seed: the master seed (0).
        progress: a function of the fraction that is done, or a bar of tqdm.
    """
    settings = {
        "steps": steps,
        "chains": chains,
        "start_temperatures": start_temperatures,
        "snapshots": snapshots,
        "seed": seed,
    }
    tables, network = _tables(equation_of_state), _network(thermometer)
    return Flow(
        _rbmflow.block_spin_flow(given(Spins, spins), network, tables, settings, listener(progress))
    )


def weights(
    rbm: Rbm | Path,
    spins: Spins | Path,
    *,
    temperatures: Temperatures | None = None,
    modes: int | None = None,
) -> Weights:
    """Analyses the weights of a machine on an L × L torus, and projects configurations on their vectors.

    Args:
        rbm: the machine.
        spins: the configurations to project.
        temperatures: those whose configurations are projected, in J/k_B (all).
        modes: the number of leading modes (all up to 2048 visible units, then 128).
    """
    settings = {"temperatures": temperatures, "modes": modes}
    return Weights(_rbmflow.weights(given(Rbm, rbm), given(Spins, spins), settings))


def likelihood(
    rbm: Rbm | Path,
    spins: Spins | Path,
    *,
    method: str | None = None,
    chains: int | None = None,
    steps: int | None = None,
    burn_in: int | None = None,
    temperatures: Temperatures | None = None,
    seed: int | None = None,
) -> Likelihood:
    """Says how probable a machine finds configurations, beside what is possible, in nats per configuration.

    Args:
        rbm: the machine.
        spins: the configurations.
        method: how the partition function is found, ``auto``, ``exact`` or ``annealed`` (``auto``: exact up to 20 hidden
            units).
        chains: annealing: chains in each direction (500).
        steps: annealing: steps (1000).
        burn_in: annealing: Gibbs steps from the configurations before it begins (200).
        temperatures: those of the configurations in J/k_B (those that the machine was trained at).
        seed: the master seed (0).

    Warns:
        UserWarning: if the machine was trained on `spins`, or annealing has not converged, and there is no likelihood.
    """
    settings = {
        "method": method,
        "chains": chains,
        "steps": steps,
        "burn_in": burn_in,
        "temperatures": temperatures,
        "seed": seed,
    }
    machine, configurations = given(Rbm, rbm), given(Spins, spins)
    made, warning = _rbmflow.likelihood(machine, configurations, settings)
    found = Likelihood(made)
    if found.get("on_training_data") == 1:
        warnings.warn("the machine was trained on these configurations: this is no test", stacklevel=2)
    if warning is not None:
        warnings.warn(warning, stacklevel=2)
    return found


def _network(thermometer: Thermometer | Path | None) -> _rbmflow.Artifact | None:
    return None if thermometer is None else given(Thermometer, thermometer)


def _tables(tables: Tables) -> list[_rbmflow.Artifact]:
    if tables is None:
        return []
    several = tables if isinstance(tables, Sequence) and not isinstance(tables, str) else [tables]
    return [given(EquationOfState, table) for table in several]
