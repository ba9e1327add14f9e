"""The peers of rbmflow's benchmark table, on the same work.

Reads requests from standard input, one a line: `PEER WORK SIZE...`, such as `numpy cd1 100 64 25000`. Answers each with
one line: the seconds by the clock and the seconds of processor time that one unit of the work took (an epoch, an
attempted flip, a cluster update, a product), or `! reason`. The first request of a kind prepares its data and warms up;
`versions` names what is installed.

One thread: the caller sets OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and RAYON_NUM_THREADS before this starts.
"""

import math
import sys
import time
import warnings

CRITICAL = 2.269185314213022
BATCH = 100
# A measurement repeats its work until it has taken at least this long, in seconds.
LEAST = 0.1


def spins(numpy, visible, count):
    """Random ±1 in strips of equal spins, single precision: what they are does not matter for the time."""
    turns = numpy.random.default_rng(1).random((count, visible)) < 0.125
    return (1 - 2 * (numpy.cumsum(turns, axis=1) % 2)).astype(numpy.float32)


def product(size):
    import numpy

    random = numpy.random.default_rng(1)
    a, b = (random.random((size, size), dtype=numpy.float32) for _ in range(2))
    out = numpy.empty_like(a)
    return lambda: numpy.matmul(a, b, out=out), 1


def floor(visible, hidden, count):
    """The five products of contrastive divergence with a batch of 100, as often as an epoch has batches."""
    import numpy

    v = numpy.ones((BATCH, visible), numpy.float32)
    h = numpy.ones((BATCH, hidden), numpy.float32)
    w = numpy.ones((visible, hidden), numpy.float32)
    v_out, h_out, w_out = numpy.empty_like(v), numpy.empty_like(h), numpy.empty_like(w)

    def run():
        for _ in range(count // BATCH):
            numpy.matmul(v, w, out=h_out)
            numpy.matmul(h, w.T, out=v_out)
            numpy.matmul(v, w, out=h_out)
            numpy.matmul(v.T, h, out=w_out)
            numpy.matmul(v.T, h, out=w_out)

    return run, 1


def contrastive_divergence(visible, hidden, count):
    """An epoch of CD-1 as it is usually written with NumPy: spins ±1, batches of 100 in random order, no biases."""
    import numpy

    data = spins(numpy, visible, count)
    random = numpy.random.default_rng(2)
    w = random.normal(0, 0.1, (visible, hidden)).astype(numpy.float32)
    rate = numpy.float32(1e-4 / BATCH)

    def sample(mean):
        return numpy.where(2 * random.random(mean.shape, dtype=numpy.float32) - 1 < mean, 1, -1).astype(numpy.float32)

    def run():
        nonlocal w
        order = random.permutation(count)
        for first in range(0, count, BATCH):
            v0 = data[order[first : first + BATCH]]
            h0 = numpy.tanh(v0 @ w)
            v1 = sample(numpy.tanh(sample(h0) @ w.T))
            h1 = numpy.tanh(v1 @ w)
            w += rate * (v0.T @ h0 - v1.T @ h1)

    return run, 1


def gibbs_floor(visible, hidden, chains):
    """The two products of a step v -> h -> v."""
    import numpy

    v = numpy.ones((chains, visible), numpy.float32)
    h = numpy.ones((chains, hidden), numpy.float32)
    w = numpy.ones((visible, hidden), numpy.float32)

    def run():
        numpy.matmul(v, w, out=h)
        numpy.matmul(h, w.T, out=v)
        v.fill(1)

    return run, 1


def gibbs(visible, hidden, chains):
    """Steps v -> h -> v of spins ±1 as they are usually written with NumPy."""
    import numpy

    v = spins(numpy, visible, chains)
    random = numpy.random.default_rng(2)
    w = (0.6 * random.random((visible, hidden), dtype=numpy.float32) - 0.3).astype(numpy.float32)

    def sample(mean):
        return numpy.where(2 * random.random(mean.shape, dtype=numpy.float32) - 1 < mean, 1, -1).astype(numpy.float32)

    def run():
        nonlocal v
        v = sample(numpy.tanh(sample(numpy.tanh(v @ w)) @ w.T))

    return run, 1


def bernoulli_rbm(visible, hidden, count):
    """An epoch of scikit-learn's BernoulliRBM: binary units, persistent chains, batches of 100."""
    import numpy
    from sklearn.neural_network import BernoulliRBM

    data = (spins(numpy, visible, count) + 1) / 2
    rbm = BernoulliRBM(n_components=hidden, learning_rate=1e-4, batch_size=BATCH, n_iter=1, random_state=1)
    return lambda: rbm.fit(data), 1


def torch_divergence(visible, hidden, count):
    """An epoch of CD-1 with PyTorch on the processor: spins ±1, batches of 100 in random order, no biases, nothing allocated
    for a batch but what PyTorch keeps for reuse, no gradients recorded."""
    import numpy
    import torch

    torch.set_num_threads(1)
    data = torch.from_numpy(spins(numpy, visible, count))
    generator = torch.Generator().manual_seed(2)
    w = 0.1 * torch.randn((visible, hidden), generator=generator)
    rate = 1e-4 / BATCH

    def sample(mean):
        return torch.empty_like(mean).uniform_(-1, 1, generator=generator).lt(mean).to(mean.dtype).mul_(2).sub_(1)

    @torch.inference_mode()
    def run():
        order = torch.randperm(count, generator=generator)
        for first in range(0, count, BATCH):
            v0 = data[order[first : first + BATCH]]
            h0 = torch.tanh_(v0 @ w)
            v1 = sample(torch.tanh_(sample(h0) @ w.T))
            h1 = torch.tanh_(v1 @ w)
            w.addmm_(v0.T, h0, alpha=rate).addmm_(v1.T, h1, alpha=-rate)

    return run, 1


def torch_rbm(visible, hidden, count):
    """An epoch of TorchRBM's PCD-1: binary units with biases, 100 chains, batches of 100 in random order."""
    import numpy
    import torch
    from rbms.bernoulli_bernoulli.classes import BBRBM
    from rbms.training.pcd import fit_batch_pcd

    torch.set_num_threads(1)
    data = torch.from_numpy((spins(numpy, visible, count) + 1) / 2)
    weights = torch.ones(count)
    rbm = BBRBM(0.1 * torch.randn((visible, hidden)), torch.zeros(visible), torch.zeros(hidden))
    optimizer = torch.optim.SGD(rbm.parameters(), lr=1e-4, maximize=True)
    for parameter in rbm.parameters():
        parameter.grad = torch.zeros_like(parameter)
    chains = rbm.init_chains(BATCH)

    @torch.no_grad()
    def run():
        nonlocal chains
        order = torch.randperm(count)
        for first in range(0, count, BATCH):
            batch = order[first : first + BATCH]
            optimizer.zero_grad(set_to_none=False)
            chains, _ = fit_batch_pcd((data[batch], weights[batch]), chains, rbm, 1, 1.0)
            optimizer.step()

    return run, 1


def whole_job(visible, hidden, epochs):
    """Samples at 25 temperatures with mcising, a machine of scikit-learn trained on them, and a flow with NumPy.

    1000 configurations at each temperature, 20 sweeps apart; a flow of 1000 chains from 4 of the temperatures, 200 steps, with
    energy and magnetization at each.
    """
    import numpy
    from mcising import IsingSimulation
    from sklearn.neural_network import BernoulliRBM

    size = int(visible**0.5)
    random = numpy.random.default_rng(2)

    def sample(temperature):
        simulation = IsingSimulation(size, 1.0, 0.0, 0.0, 0.0, 1, "metropolis")
        simulation.sweep(1000, temperature=temperature)
        found = numpy.empty((1000, visible), numpy.float32)
        for row in found:
            simulation.sweep(20, temperature=temperature)
            row[:] = simulation.get_spins().ravel() > 0
        return found

    def draw(field):
        return (random.random(field.shape, dtype=numpy.float32) < 1 / (1 + numpy.exp(-field))).astype(numpy.float32)

    def run():
        # T = 0 has no sweeps: a temperature where nothing moves.
        data = [sample(max(0.25 * k, 0.05)) for k in range(25)]
        rbm = BernoulliRBM(n_components=hidden, learning_rate=0.01, batch_size=BATCH, n_iter=epochs, random_state=1)
        rbm.fit(numpy.concatenate(data))
        w = rbm.components_.T.astype(numpy.float32)
        b, c = (bias.astype(numpy.float32) for bias in (rbm.intercept_visible_, rbm.intercept_hidden_))
        measured = []
        for start in (0, 9, 16, 24):
            v = data[start]
            for _ in range(200):
                v = draw(draw(v @ w + c) @ w.T + b)
                square = (2 * v - 1).reshape(-1, size, size)
                bonds = square * (numpy.roll(square, 1, 1) + numpy.roll(square, 1, 2))
                measured.append((-bonds.mean(), numpy.abs(square.mean((1, 2))).mean()))

    return run, 1


# The network thermometer of the table.
WIDTHS = (100, 80, 25)


def classifier_floor(count):
    """The five products of an epoch of 100 -> 80 -> 25 with batches of 100."""
    import numpy

    x, h, y = (numpy.ones((BATCH, width), numpy.float32) for width in WIDTHS)
    a = numpy.ones(WIDTHS[:2], numpy.float32)
    b = numpy.ones(WIDTHS[1:], numpy.float32)
    h_out, y_out, a_out, b_out = (numpy.empty_like(array) for array in (h, y, a, b))

    def run():
        for _ in range(count // BATCH):
            numpy.matmul(x, a, out=h_out)
            numpy.matmul(h, b, out=y_out)
            numpy.matmul(h.T, y, out=b_out)
            numpy.matmul(y, b.T, out=h_out)
            numpy.matmul(x.T, h, out=a_out)

    return run, 1


def labelled(numpy, count):
    labels = numpy.arange(count) % WIDTHS[-1]
    return spins(numpy, WIDTHS[0], count), labels


def classifier(count):
    """An epoch of stochastic gradient descent as it is usually written with NumPy."""
    import numpy

    data, labels = labelled(numpy, count)
    random = numpy.random.default_rng(2)
    a = random.normal(0, 0.1, WIDTHS[:2]).astype(numpy.float32)
    b = random.normal(0, 0.1, WIDTHS[1:]).astype(numpy.float32)
    a_bias, b_bias = numpy.zeros(WIDTHS[1], numpy.float32), numpy.zeros(WIDTHS[2], numpy.float32)
    rate = numpy.float32(1e-3)
    rows = numpy.arange(BATCH)

    def run():
        nonlocal a, b, a_bias, b_bias
        order = random.permutation(count)
        for first in range(0, count, BATCH):
            batch = order[first : first + BATCH]
            x, y = data[batch], labels[batch]
            h = numpy.tanh(x @ a + a_bias)
            p = h @ b + b_bias
            p -= p.max(axis=1, keepdims=True)
            numpy.exp(p, out=p)
            p /= p.sum(axis=1, keepdims=True)
            p[rows, y] -= 1
            p /= BATCH
            back = (p @ b.T) * (1 - h * h)
            b -= rate * (h.T @ p)
            b_bias -= rate * p.sum(axis=0)
            a -= rate * (x.T @ back)
            a_bias -= rate * back.sum(axis=0)

    return run, 1


def perceptron(count):
    import numpy
    from sklearn.neural_network import MLPClassifier

    epochs = 3
    data, labels = labelled(numpy, count)
    network = MLPClassifier(
        (WIDTHS[1],), activation="tanh", solver="sgd", batch_size=BATCH, momentum=0, max_iter=epochs, tol=0, alpha=0
    )
    return lambda: network.fit(data, labels), epochs


def mcising(algorithm, lattice="square", temperature=CRITICAL):
    def prepare(size):
        from mcising import IsingSimulation

        simulation = IsingSimulation(size, 1.0, 0.0, 0.0, 0.0, 1, algorithm, lattice)
        sites = simulation.num_sites
        simulation.sweep(200 if sites < 50_000 else 20, temperature=temperature)
        if algorithm == "metropolis":
            sweeps = max(1, 2_000_000 // sites)
            units = sweeps * sites
        else:
            sweeps = units = 500
        return lambda: simulation.sweep(sweeps, temperature=temperature), units

    return prepare


def peapods_model(size):
    import numpy
    from peapods import Ising

    model = Ising((size, size), temperatures=numpy.array([CRITICAL]))
    # Its sweeps start from a random configuration; cluster updates bring it to equilibrium.
    model.sample(200, cluster_update_interval=1, warmup_ratio=0.0, sequential=True)
    return model


def peapods_metropolis(size):
    model = peapods_model(size)
    sweeps = max(1, 1_000_000 // size**2)
    return lambda: model.sample(sweeps, warmup_ratio=0.0, sequential=True), sweeps * size**2


def peapods_cluster(mode):
    """Its cluster updates come with a Metropolis sweep each, whose time is measured alone and subtracted."""

    def prepare(size):
        model = peapods_model(size)
        updates = 500

        def run():
            start = now()
            model.sample(updates, cluster_update_interval=1, cluster_mode=mode, warmup_ratio=0.0, sequential=True)
            middle = now()
            model.sample(updates, warmup_ratio=0.0, sequential=True)
            return [2 * m - s - e for s, m, e in zip(start, middle, now())]

        return run, updates

    return prepare


WORKS = {
    "numpy product": product,
    "numpy floor": floor,
    "numpy cd1": contrastive_divergence,
    "numpy gibbs-floor": gibbs_floor,
    "numpy gibbs": gibbs,
    "numpy classifier-floor": classifier_floor,
    "numpy classifier": classifier,
    "scikit-learn pcd1": bernoulli_rbm,
    "scikit-learn classifier": perceptron,
    "torch cd1": torch_divergence,
    "torch-rbm pcd1": torch_rbm,
    "others job": whole_job,
    "mcising metropolis": mcising("metropolis"),
    "mcising metropolis:chain": mcising("metropolis", "chain", 1.0),
    "mcising metropolis:honeycomb": mcising("metropolis", "honeycomb", 2 / math.log(2 + 3**0.5)),
    "mcising metropolis:triangular": mcising("metropolis", "triangular", 4 / math.log(3)),
    "mcising metropolis:cubic": mcising("metropolis", "cubic", 4.511528),
    "mcising wolff": mcising("wolff"),
    "mcising swendsen-wang": mcising("swendsen_wang"),
    "peapods metropolis": peapods_metropolis,
    "peapods wolff": peapods_cluster("wolff"),
    "peapods swendsen-wang": peapods_cluster("sw"),
}


def versions():
    from importlib import metadata

    found = []
    for name in ("numpy", "scikit-learn", "torch", "rbms", "mcising", "peapods"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    try:
        import numpy  # noqa: F401, its library must be loaded
        from threadpoolctl import threadpool_info

        for library in threadpool_info():
            found.append(f"{library['internal_api']} {library['version']} {library.get('architecture', '')}".strip())
    except ImportError:
        pass
    return ", ".join(found)


def now():
    return time.perf_counter(), time.process_time()


class Measurement:
    def __init__(self, run, units):
        self.run, self.units = run, units
        self.repetitions = 1
        self.run()
        once = self.seconds()[0] * units
        self.repetitions = max(1, round(LEAST / max(once, 1e-9)))

    def seconds(self):
        """Seconds per unit, by the clock and of processor time. A run may say itself what it took."""
        own, start = [0.0, 0.0], now()
        for _ in range(self.repetitions):
            result = self.run()
            if isinstance(result, list):
                own = [a + b for a, b in zip(own, result)]
        both = own if any(own) else [b - a for a, b in zip(start, now())]
        return [time / (self.repetitions * self.units) for time in both]


def main():
    warnings.simplefilter("ignore")
    prepared = {}
    for line in sys.stdin:
        request = line.strip()
        if request == "versions":
            print(versions(), flush=True)
            continue
        try:
            if request not in prepared:
                peer, work, *sizes = request.split()
                prepared[request] = Measurement(*WORKS[f"{peer} {work}"](*map(int, sizes)))
            print(*prepared[request].seconds(), flush=True)
        except Exception as error:  # Whatever a peer throws belongs into its row.
            print(f"! {type(error).__name__}: {error}".replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
