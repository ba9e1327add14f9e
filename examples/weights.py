"""Redraws figure 8, W W^T by type of training, from the files of a run.

    python examples/weights.py out/paper weights.png
"""

import pathlib
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

TYPES = {"V": "all temperatures", "H": "high temperatures", "L": "T = 0"}


def weights(run, hidden=64):
    """type -> (W W^T of the first replica, distances, mean element at each distance over all replicas)."""
    result = {}
    for training in TYPES:
        paths = sorted(pathlib.Path(run).glob(f"data/r*/{training}-{hidden}/weights.h5"))
        if not paths:
            continue
        with h5py.File(paths[0]) as file:
            assert file.attrs["schema"] == "rbmflow.weights"
            gram, distance = file["gram"][()], file["distance"][()]
        elements = []
        for path in paths:
            with h5py.File(path) as file:
                elements.append(file["gram_by_distance"][()])
        result[training] = gram, distance, np.mean(elements, axis=0)
    return result


def main(run, picture):
    every = weights(run)
    figure, axes = plt.subplots(1, len(every) + 1, figsize=(3.4 * (len(every) + 1), 3))
    for axis, (training, (gram, distance, element)) in zip(axes, every.items()):
        most = abs(gram).max()
        image = axis.imshow(gram, cmap="PuOr_r", vmin=-most, vmax=most, origin="lower")
        axis.set(title=f"{training}: {TYPES[training]}", xlabel="site", ylabel="site")
        figure.colorbar(image, ax=axis, shrink=0.8)
        axes[-1].plot(distance, element, marker="o", ms=3, label=f"type {training}")
    axes[-1].axhline(0, color="grey", lw=0.8)
    axes[-1].set(xlabel="distance on the torus", ylabel=r"mean element of $W W^T$")
    axes[-1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(picture, dpi=150)


if __name__ == "__main__":
    main(*sys.argv[1:])
