"""Redraws figure 5, the temperature along the flow, from the files of a run.

    python examples/flow.py out/paper flow.png
"""

import pathlib
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

T_C = 2 / np.log(1 + np.sqrt(2))


def flows(run, training="V"):
    """N_h -> (steps, start temperatures, T_E, standard error); the last two are means over replicas, [start, step]."""
    found = {}
    for path in sorted(pathlib.Path(run).glob(f"data/r*/{training}-*/flow.h5")):
        hidden = path.parent.name.removeprefix(f"{training}-")
        if not hidden.isdigit():
            continue  # Another training whose name begins alike.
        with h5py.File(path) as file:
            assert file.attrs["schema"] == "rbmflow.flow"
            names = ("step", "start_temperature", "energy_temperature", "energy_temperature_error")
            found.setdefault(int(hidden), []).append([file[name][()] for name in names])
    result = {}
    for hidden, replicas in sorted(found.items()):
        values = np.array([replica[2] for replica in replicas])
        errors = np.array([replica[3] for replica in replicas])
        n = len(values)
        # The error over chains; with several replicas the scatter between them if that is larger.
        error = np.sqrt((errors**2).sum(axis=0)) / n
        if n > 1:
            error = np.maximum(error, values.std(axis=0, ddof=1) / np.sqrt(n))
        result[hidden] = replicas[0][0], replicas[0][1], values.mean(axis=0), error
    return result


def name(temperature):
    if abs(temperature - T_C) < 1e-3:
        return "$T_c$"
    return r"$\infty$" if np.isinf(temperature) else f"{temperature:g}"


def main(run, picture):
    every = flows(run)
    figure, axes = plt.subplots(1, len(every), sharey=True, squeeze=False, figsize=(3 * len(every), 3))
    for axis, (hidden, (steps, starts, value, error)) in zip(axes[0], every.items()):
        for start, v, e in zip(starts, value, error):
            (line,) = axis.plot(steps + 1, v, label=f"from T = {name(start)}")
            sure = e < 0.5
            axis.fill_between(steps + 1, v - e, v + e, where=sure, alpha=0.2, color=line.get_color())
        axis.axhline(T_C, ls="--", color="grey", lw=1)
        axis.set(xscale="log", ylim=(0, 6.3), title=f"$N_h$ = {hidden}", xlabel="step + 1")
    axes[0][0].set_ylabel(r"$T_E$ ($J/k_B$)")
    axes[0][-1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(picture, dpi=150)


if __name__ == "__main__":
    main(*sys.argv[1:])
