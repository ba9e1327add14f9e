"""Files as other programs read them: xarray through two engines, and zarr through kerchunk."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray
import zarr
from kerchunk.hdf import SingleHdf5ToZarr

import rbmflow


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_algebra_by_names(engine: str, spins: rbmflow.Spins, rbm: rbmflow.Rbm, tmp_path: Path) -> None:
    """eigenvectors · eigenvalues · eigenvectorsᵀ = gram, and temperatures are coordinates."""
    rbmflow.weights(rbm, spins).save(tmp_path / "weights.h5")
    with xarray.open_dataset(tmp_path / "weights.h5", engine=engine) as found:
        vectors = found["eigenvectors"]
        other = vectors.rename(visible="other_visible")
        product = xarray.dot(vectors, found["eigenvalues"], other, dim="mode")
        xarray.testing.assert_allclose(product, found["gram"].drop_attrs(), atol=1e-10)
        assert "temperature" in found.coords and found["projection"].dims == ("temperature", "mode")
        # Axes of one length stay different axes.
        assert found["gram"].dims == ("visible", "other_visible") and vectors.dims == ("visible", "mode")
        assert found.sizes["mode"] == found.sizes["visible"]
    spins.save(tmp_path / "spins.h5")
    with xarray.open_dataset(tmp_path / "spins.h5", engine=engine) as found:
        assert found["samples"].dims == ("sample", "site")
        np.testing.assert_array_equal(found["samples"], spins.samples)
    with xarray.open_dataset(tmp_path / "spins.h5", engine=engine, group="observables") as found:
        assert found["energy_per_spin"].dims == ("temperature",)


def test_chunks_without_the_c_library(spins: rbmflow.Spins, tmp_path: Path) -> None:
    path = tmp_path / "spins.h5"
    spins.save(path)
    references = SingleHdf5ToZarr(str(path), inline_threshold=0).translate()
    store = zarr.storage.FsspecStore.from_url("reference://", storage_options={"fo": references, "asynchronous": True})
    found = zarr.open_group(store, mode="r", zarr_format=2)
    np.testing.assert_array_equal(found["samples"][:], spins.samples)
    assert found["samples"].nbytes > 1024


def test_machines_of_torchrbm(rbm: rbmflow.Rbm, spins: rbmflow.Spins, tmp_path: Path, verb) -> None:  # type: ignore[no-untyped-def]
    """Read as `rbms.io.load_params` reads, with the energies of `rbms`, and written as `rbms.io.save_model` writes."""
    rbm.save(tmp_path / "rbm.h5")
    verb(*"export rbm.h5 --format torchrbm --out model.h5".split())
    with h5py.File(tmp_path / "model.h5") as file:
        assert file["model_type"][()].decode() == "BBRBM"
        (update,) = [name for name in file if name.startswith("update_")]
        found = {name: array[()] for name, array in file[update]["params"].items()}
        # What `load_model` asks for beside them.
        assert file["parallel_chains"].shape == (0, 16) and file[update]["time"][()] == 0
        assert set(file["hyperparameters"]) == {"batch_size", "gibbs_steps", "learning_rate", "L1", "L2"}
    assert set(found) == {"weight_matrix", "vbias", "hbias"} and found["weight_matrix"].shape == rbm.weights.shape
    visible = (spins.samples + 1) / 2
    fields = visible @ found["weight_matrix"] + found["hbias"]
    energy = -visible @ found["vbias"] - np.log1p(np.exp(fields)).sum(axis=1)
    # The law is the same: free energies differ by a constant.
    difference = energy - rbm.free_energy(spins.samples)
    np.testing.assert_allclose(difference, difference[0], atol=1e-4)

    with h5py.File(tmp_path / "theirs.h5", "w") as file:
        file["model_type"] = "BBRBM"
        file["parallel_chains"] = np.zeros((3, 16), np.float32)
        for number in (10, 200):
            kept = file.create_group(f"update_{number}")
            for name, array in found.items():
                kept[f"params/{name}"] = array * np.float32(number)
                kept[name] = kept[f"params/{name}"]
            kept["numpy_rng_arg0"] = "MT19937"
            kept["flags/checkpoint"] = True
    verb(*"import theirs.h5 --out last.h5".split())
    last = rbmflow.open(tmp_path / "last.h5")
    np.testing.assert_array_equal(last.weights, found["weight_matrix"] * np.float32(200))
    assert last.attrs["units"] == "binary" and last.attrs["updates"] == 200
    verb(*"import theirs.h5 --update 10 --out first.h5".split())
    np.testing.assert_array_equal(rbmflow.open(tmp_path / "first.h5").weights, found["weight_matrix"] * np.float32(10))
    assert "update_7" in verb(*"import theirs.h5 --update 7 --out none.h5".split(), code=3).stderr
    assert "has schema" in verb(*"import rbm.h5 --update 1 --out none.h5".split(), code=3).stderr


def test_torchrbm_itself(rbm: rbmflow.Rbm, tmp_path: Path, verb) -> None:  # type: ignore[no-untyped-def]
    """Where it is installed (it needs PyTorch): its chains have the law of our machine, and we read what it saves."""
    pytest.importorskip("rbms")
    import torch
    from rbms.io import load_model, save_model
    from rbms.sampling.gibbs import sample_state

    rbm.save(tmp_path / "rbm.h5")
    verb(*"export rbm.h5 --format torchrbm --out model.h5".split())
    update = int(rbm.attrs["updates"])
    theirs, *_ = load_model(str(tmp_path / "model.h5"), update, torch.device("cpu"), torch.float32)
    torch.manual_seed(1)
    chains = sample_state(100, theirs.init_chains(4000), theirs)
    sampled = np.abs(2 * chains["visible"].numpy().mean(axis=1) - 1)
    states = np.where(np.arange(1 << 16)[:, None] >> np.arange(16) & 1, 1, -1).astype(np.int8)
    weight = np.exp(-rbm.free_energy(states))
    exact = (np.abs(states.mean(axis=1)) * weight).sum() / weight.sum()
    assert abs(sampled.mean() - exact) < 4.5 * sampled.std() / len(sampled) ** 0.5

    theirs.weight_matrix *= 2
    save_model(str(tmp_path / "saved.h5"), theirs, chains, 7, 1.0)
    verb(*"import saved.h5 --out ours.h5".split())
    saved = rbmflow.open(tmp_path / "ours.h5")
    np.testing.assert_array_equal(saved.weights, theirs.weight_matrix.numpy())
    assert saved.attrs["updates"] == 7
