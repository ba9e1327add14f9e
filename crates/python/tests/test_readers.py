"""Files as other programs read them: xarray through two engines, and zarr through kerchunk."""

from pathlib import Path

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
