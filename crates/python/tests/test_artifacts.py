"""Arrays, files and datasets."""

from __future__ import annotations

import copy
import gc
import pathlib
import pickle

import h5py
import numpy as np
import pytest
import rbmflow
import xarray


def test_arrays_are_views(spins: rbmflow.Spins) -> None:
    first, second = spins.samples, spins["samples"]
    assert np.shares_memory(first, second)
    assert not first.flags.writeable and not first.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 3
    with pytest.raises(ValueError, match="WRITEABLE"):
        first.flags.writeable = True
    assert first.dtype == np.int8 and first.shape == (400, 16)


def test_an_array_outlives_its_artifact() -> None:
    made = rbmflow.sample(16, [0.0], 1000, seed=1)
    samples = made.samples
    del made
    gc.collect()
    rbmflow.sample(16, [np.inf], 1000, seed=1)
    assert (samples == samples[:, :1]).all()


@pytest.mark.parametrize("kind", ["spins", "rbm", "flow", "weights", "likelihood"])
def test_names_and_values_are_those_of_the_file(
    kind: str,
    spins: rbmflow.Spins,
    test_spins: rbmflow.Spins,
    rbm: rbmflow.Rbm,
    tmp_path: pathlib.Path,
) -> None:
    made = {
        "spins": lambda: spins,
        "rbm": lambda: rbm,
        "flow": lambda: rbmflow.flow(rbm, spins, steps=3, chains=20),
        "weights": lambda: rbmflow.weights(rbm, spins),
        "likelihood": lambda: rbmflow.likelihood(rbm, test_spins),
    }[kind]()
    made.save(tmp_path / "file.h5")
    dataset = made.to_xarray()
    found: dict[str, np.ndarray] = {}
    with h5py.File(tmp_path / "file.h5") as file:
        file.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) and "dims" in item.attrs else None)
        assert {name for name in found if not name.startswith("axes/")} >= set(made)
        for name, array in made.items():
            np.testing.assert_array_equal(array, found[name][()])
            assert array.dtype == found[name].dtype
            assert ",".join(made.dims(name)) == found[name].attrs["dims"]
            assert made.units(name) == found[name].attrs["units"] == dataset[name].attrs["units"]
            np.testing.assert_array_equal(dataset[name].values, array)
            # Coordinates become indices, which have their own memory.
            assert array.size == 0 or name in dataset.coords or np.shares_memory(dataset[name].values, array)
        assert file.attrs["config"] == made.config and file.attrs["content_hash"] == made.content_hash


def test_xarray_aligns_by_name(spins: rbmflow.Spins, rbm: rbmflow.Rbm) -> None:
    """eigenvectors · eigenvalues · eigenvectorsᵀ = gram, by the names of the axes."""
    found = rbmflow.weights(rbm, spins).to_xarray()
    vectors = found["eigenvectors"]
    visible, other = found["gram"].dims
    product = xarray.dot(vectors, found["eigenvalues"], vectors.rename({visible: other}), dim="mode")
    xarray.testing.assert_allclose(product.transpose(visible, other), found["gram"].drop_attrs(), atol=1e-10)
    energy = spins.to_xarray()["observables/energy_per_spin"]
    assert energy.sel(temperature=np.inf).item() == spins["observables/energy_per_spin"][3]


def test_mapping(spins: rbmflow.Spins) -> None:
    assert "samples" in spins and "nothing" not in spins
    with pytest.raises(KeyError):
        spins["nothing"]
    assert len(spins) == len(list(spins)) and list(spins) == sorted(spins)
    assert spins.size == 4 and spins.seed == 1 and spins.inputs == [] and 'stage = "sample"' in spins.config
    assert "samples (sample: 400, site: 16) int8" in repr(spins)


def test_saving(spins: rbmflow.Spins, test_spins: rbmflow.Spins, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "spins.h5"
    spins.save(path)
    before = path.stat()
    spins.save(path)
    assert path.stat().st_mtime_ns == before.st_mtime_ns, "the same bytes are kept"
    with pytest.raises(rbmflow.errors.UsageError, match="exists and is another file"):
        test_spins.save(path)
    test_spins.save(path, overwrite=True)
    assert rbmflow.open(path) == test_spins
    path.write_text("a letter")
    with pytest.raises(rbmflow.errors.UsageError, match="choose another name or delete it"):
        spins.save(path, overwrite=True)
    assert path.read_text() == "a letter"
    with pytest.raises(rbmflow.errors.FileError):
        spins.save(tmp_path / "no" / "folder.h5")


def test_spins_of_your_own(tmp_path: pathlib.Path) -> None:
    random = np.random.default_rng(1)
    samples = random.choice([-1, 1], size=(100, 4, 4))
    made = rbmflow.Spins.from_arrays(samples, [1.0, 3.0], np.repeat([0, 1], 50))
    assert made.size == 4 and made.samples.shape == (100, 16)
    neighbours = (samples * np.roll(samples, 1, 1) + samples * np.roll(samples, 1, 2)).sum((1, 2))
    np.testing.assert_array_equal(made.energy, -neighbours)
    np.testing.assert_array_equal(made.magnetization, samples.sum((1, 2)))
    np.testing.assert_array_equal(made.labels, np.repeat([0, 1], 50))
    one = rbmflow.Spins.from_arrays(samples.reshape(100, 16).astype(np.float64), 2.0)
    assert one.temperature.tolist() == [2.0]
    made.save(tmp_path / "mine.h5")
    assert rbmflow.open(tmp_path / "mine.h5") == made
    rbmflow.train(made, hidden=3, epochs=1)
    with pytest.raises(rbmflow.Error, match="expected -1 or 1|expected .*1"):
        rbmflow.Spins.from_arrays(np.zeros((3, 16), dtype=int), 1.0)


def test_a_machine_of_your_own() -> None:
    """Free energies and hidden means against sums over all hidden units."""
    random = np.random.default_rng(2)
    weights, b, c = random.normal(size=(4, 3)), random.normal(size=4), random.normal(size=3)
    spins = random.choice([-1, 1], size=(10, 4))
    for units, values in (("spin", [-1, 1]), ("binary", [0, 1])):
        rbm = rbmflow.Rbm.from_arrays(weights, b, c, units=units)
        v = spins if units == "spin" else (spins + 1) // 2
        hidden = np.array(np.meshgrid(*[values] * 3)).reshape(3, -1).T
        energy = -(v @ weights @ hidden.T) - (v @ b)[:, None] - hidden @ c
        z = np.exp(-energy)
        np.testing.assert_allclose(rbm.free_energy(spins), -np.log(z.sum(1)), rtol=1e-6)
        np.testing.assert_allclose(rbm.hidden_means(spins), z @ hidden / z.sum(1)[:, None], rtol=1e-5, atol=1e-7)
        conditional = np.zeros(len(spins))
        for site in range(4):
            flipped = spins.copy()
            flipped[:, site] *= -1
            conditional -= np.logaddexp(0, rbm.free_energy(spins) - rbm.free_energy(flipped))
        np.testing.assert_allclose(rbm.pseudo_log_likelihood(spins), conditional, rtol=1e-4)
    with pytest.raises(rbmflow.Error, match="4 visible units"):
        rbm.free_energy(np.ones((2, 5), dtype=int))
    with pytest.raises(rbmflow.Error, match="something else than 1 and -1"):
        rbm.hidden_means(np.zeros((2, 4)))


def test_pickles_and_copies(spins: rbmflow.Spins, rbm: rbmflow.Rbm) -> None:
    for artifact in (spins, rbm):
        again = pickle.loads(pickle.dumps(artifact))
        assert type(again) is type(artifact) and again == artifact and again.config == artifact.config
        assert copy.deepcopy(artifact) is artifact
