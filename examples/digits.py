"""The 1,797 digits of scikit-learn, learnt by its BernoulliRBM and by rbmflow: one table.

    python3 examples/digits.py target/release/rbmflow [EPOCHS] [HIDDEN]

Images of 8 x 8 are black where they are at least half as dark as possible. Both programs get the same images, 0/1 units with biases,
the same number of hidden units, the same rate and batches; scikit-learn trains by persistent CD, rbmflow by CD-1 and by PCD-1. Both
machines are measured here, by one function each: the exact mean of ln p(v), of which ln Z is a sum over all hidden states, and the mean
of the log-pseudo-likelihood over all sites.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

RATE, BATCH = 0.05, 10


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


def peer(v, count, epochs):
    """scikit-learn's machine and the seconds of its training."""
    from sklearn.neural_network import BernoulliRBM

    model = BernoulliRBM(count, learning_rate=RATE, batch_size=BATCH, n_iter=epochs, random_state=1)
    start = time.perf_counter()
    model.fit(v)
    seconds = time.perf_counter() - start
    return (model.components_.T, model.intercept_visible_, model.intercept_hidden_), seconds


def ours(program, v, count, epochs, algorithm, folder):
    """rbmflow's machine and the seconds of its training, start of the program and files included."""
    images, spins, out = folder / "digits.npy", folder / "digits.h5", folder / f"{algorithm}.h5"
    np.save(images, v.astype(bool))
    note = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([program, "import", images, "--lattice", "none", "-o", spins], check=True, **note)
    command = [program, "train", spins, "--units", "binary", "--biases", "--hidden", str(count), "--seed", "1"]
    command += ["--epochs", str(epochs), "--learning-rate", str(RATE), "--batch-size", str(BATCH), "--algorithm", algorithm]
    # The same initial weights as scikit-learn's, and no record on the way.
    command += ["--initial-deviation", "0.01", "--monitor-every", str(epochs), "-o", out]
    start = time.perf_counter()
    subprocess.run(command, check=True, **note)
    seconds = time.perf_counter() - start
    with h5py.File(out) as file:
        machine = tuple(file[name][...].astype(float) for name in ("weights", "visible_bias", "hidden_bias"))
    return machine, seconds


def main():
    from sklearn.datasets import load_digits

    program = pathlib.Path(sys.argv[1]).resolve()
    epochs, count = (int(text) for text in (sys.argv[2:4] + ["60", "16"][len(sys.argv) - 2:]))
    v = (load_digits().data >= 8).astype(float)
    print(f"{len(v)} digits of {v.shape[1]} pixels, {count} hidden units, {epochs} epochs\n")
    print("| program | ln p(v), exact | pseudo-log-likelihood | seconds |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rows = [("scikit-learn, PCD-1", peer(v, count, epochs))]
        rows += [(f"rbmflow, {name.upper()}-1", ours(program, v, count, epochs, name, folder)) for name in ("cd", "pcd")]
        for name, (machine, seconds) in rows:
            exact, pseudo = log_likelihood(v, machine), pseudo_log_likelihood(v, machine)
            print(f"| {name} | {exact:.3f} | {pseudo:.3f} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
