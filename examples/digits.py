"""The 1,797 digits of scikit-learn, learnt by its BernoulliRBM and by rbmflow: one table.

    python3 examples/digits.py target/release/rbmflow [EPOCHS] [HIDDEN] [FILE.json]

Images of 8 x 8 are black where they are at least half as dark as possible. Both programs get the same 1,437 images, 0/1 units with
biases, the same number of hidden units (at most 20), the same rate, batches and initial spread; scikit-learn trains by persistent CD,
rbmflow by CD-1 and by PCD-1. Three trainings each. All machines are measured here, by one function each: the exact mean of ln p(v), of
which ln Z is a sum over all hidden states, of the images that they were trained on and of the 360 others, and the mean of the
log-pseudo-likelihood of the others over all sites. What rbmflow says of its own machines must be the same.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

RATE, BATCH, TRAININGS, OTHERS = 0.05, 10, 3, 360


def softplus(x):
    return np.logaddexp(0.0, x)


def free_energy(v, weights, visible, hidden):
    """-ln sum_h exp(-E(v, h)) of 0/1 units, weights [visible, hidden]."""
    return -v @ visible - softplus(v @ weights + hidden).sum(axis=1)


def log_partition(weights, visible, hidden):
    """ln Z as a sum over all hidden states."""
    count = weights.shape[1]
    total = -np.inf
    for first in range(0, 2**count, 4096):
        states = (np.arange(first, min(first + 4096, 2**count))[:, None] >> np.arange(count)) & 1
        logs = states @ hidden + softplus(states @ weights.T + visible).sum(axis=1)
        total = np.logaddexp(total, np.logaddexp.reduce(logs))
    return total


def log_likelihood(v, machine):
    return np.mean(-free_energy(v, *machine)) - log_partition(*machine)


def pseudo_log_likelihood(v, machine):
    """Mean of sum_i ln p(v_i | the others)."""
    here = free_energy(v, *machine)
    total = np.zeros(len(v))
    for site in range(v.shape[1]):
        flipped = v.copy()
        flipped[:, site] = 1 - flipped[:, site]
        total -= softplus(here - free_energy(flipped, *machine))
    return total.mean()


def peer(v, count, epochs, seed):
    """scikit-learn's machine and the seconds of its training."""
    from sklearn.neural_network import BernoulliRBM

    model = BernoulliRBM(count, learning_rate=RATE, batch_size=BATCH, n_iter=epochs, random_state=seed)
    start = time.perf_counter()
    model.fit(v)
    seconds = time.perf_counter() - start
    return (model.components_.T, model.intercept_visible_, model.intercept_hidden_), seconds


class Ours:
    """rbmflow on the digits in a folder."""

    def __init__(self, program, folder, images, labels, count, epochs):
        self.program, self.folder = program, folder
        for name, rows in images.items():
            np.savez(folder / f"{name}.npz", images=rows.astype(bool), labels=labels[name])
            self.run("import", f"{name}.npz", "--lattice", "none", "--out", f"{name}.h5")
        settings = ["--units", "binary", "--biases", "--hidden", count, "--epochs", epochs]
        settings += ["--learning-rate", RATE, "--batch-size", BATCH]
        # The same initial weights as scikit-learn's, and no record on the way.
        self.settings = settings + ["--initial-deviation", 0.01, "--monitor-every", epochs]

    def run(self, *words):
        words = [self.program, "--quiet", *(str(word) for word in words)]
        subprocess.run(words, check=True, cwd=self.folder, stderr=subprocess.DEVNULL)

    def train(self, algorithm, seed):
        """The machine, the seconds of its training, start of the program and files included, and what rbmflow says of the others."""
        out, likelihood = f"{algorithm}-{seed}.h5", f"{algorithm}-{seed}-likelihood.h5"
        start = time.perf_counter()
        self.run("train", "train.h5", *self.settings, "--algorithm", algorithm, "--seed", seed, "--out", out)
        seconds = time.perf_counter() - start
        self.run("likelihood", out, "--spins", "others.h5", "--method", "exact", "--out", likelihood)
        with h5py.File(self.folder / out) as file:
            machine = tuple(file[name][...].astype(float) for name in ("weights", "visible_bias", "hidden_bias"))
        with h5py.File(self.folder / likelihood) as file:
            return machine, seconds, file["log_likelihood"][()]


def main():
    from sklearn.datasets import load_digits

    program = pathlib.Path(sys.argv[1]).resolve()
    epochs, count = (int(text) for text in (sys.argv[2:4] + ["60", "16"][len(sys.argv[2:4]) :]))
    digits = load_digits()
    black = (digits.data >= 8).astype(float)
    order = np.random.default_rng(1).permutation(len(black))
    parts = {"train": order[:-OTHERS], "others": order[-OTHERS:]}
    images = {name: black[rows] for name, rows in parts.items()}
    labels = {name: digits.target[rows] for name, rows in parts.items()}

    rows = {}
    def add(name, machine, seconds):
        values = [log_likelihood(images["train"], machine), log_likelihood(images["others"], machine)]
        values += [pseudo_log_likelihood(images["others"], machine), seconds]
        rows.setdefault(name, []).append(values)

    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(program, pathlib.Path(folder), images, labels, count, epochs)
        for seed in range(1, TRAININGS + 1):
            add("scikit-learn, PCD-1", *peer(images["train"], count, epochs, seed))
            for algorithm in ("cd", "pcd"):
                machine, seconds, said = ours.train(algorithm, seed)
                add(f"rbmflow, {algorithm.upper()}-1", machine, seconds)
                assert abs(said - log_likelihood(images["others"], machine)) < 1e-3, "rbmflow says something else"

    columns = ["ln p(v), trained on", "ln p(v), others", "pseudo-log-likelihood, others", "seconds"]
    print(f"{len(black)} digits of {black.shape[1]} pixels, {OTHERS} of them others, {count} hidden units, {epochs} epochs\n")
    print(f"| program | {' | '.join(columns)} |\n| --- |{' --- |' * len(columns)}")
    table = {}
    for name, values in rows.items():
        mean, error = np.mean(values, axis=0), np.std(values, axis=0, ddof=1) / np.sqrt(TRAININGS)
        table[name] = {column: [round(m, 4), round(e, 4)] for column, m, e in zip(columns, mean, error)}
        print(f"| {name} | " + " | ".join(f"{m:.2f} ± {e:.2f}" for m, e in zip(mean, error)) + " |")
    if len(sys.argv) > 4:
        text = json.dumps({"hidden": count, "epochs": epochs, "trainings": TRAININGS, "rows": table}, indent=2)
        pathlib.Path(sys.argv[4]).write_text(text + "\n")


if __name__ == "__main__":
    main()
