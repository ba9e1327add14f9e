"""Writes spins as a user of h5py would, following the documented format.

usage: write_spins.py FOLDER
"""

import sys

import h5py
import numpy as np

samples = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [-1, -1, -1, -1]])


def write(name, samples, labels, temperature, **options):
    with h5py.File(f"{sys.argv[1]}/{name}.h5", "w", **options) as file:
        file.attrs["schema"] = "rbmflow.spins"
        file.attrs["schema_major"] = 1
        file.attrs["size"] = 2
        file["samples"] = samples
        file["labels"] = labels
        file["temperature"] = temperature


# The plainest way: 64-bit integers, contiguous, old file format.
write("plain", samples, [0, 1, 1], [0.0, np.inf])
write("newest", samples.astype("i1"), np.array([0, 1, 1], "u2"), [0.0, np.inf], libver="latest")
write("big_endian", samples.astype(">i4"), np.array([0, 1, 1], ">u2"), np.array([0.0, np.inf], ">f8"))
write("single", samples.astype("f4"), np.array([0, 1, 1], "u1"), np.array([0.0, np.inf], "f4"))
write("half", samples.astype("f2"), np.array([0, 1, 1], "i2"), np.array([0.0, np.inf], "f2"))

with h5py.File(f"{sys.argv[1]}/documented.h5", "w", track_order=True) as file:
    file.attrs["schema"] = np.bytes_("rbmflow.spins")
    file.attrs["schema_major"] = np.int32(1)
    file.attrs["schema_minor"] = np.int32(0)
    file.attrs["size"] = np.uint8(2)
    file.attrs["coupling"] = 1
    file.attrs["field"] = np.float32(0.5)
    file.attrs["algorithm"] = "notebook ⟨é⟩"
    file.attrs["seed"] = 7
    file.attrs["tags"] = ["ignored", "too"]
    file.attrs["nothing"] = h5py.Empty("f")
    options = dict(chunks=(2, 4), compression="gzip", shuffle=True, fletcher32=True, maxshape=(None, 4))
    data = file.create_dataset("samples", data=samples, **options)
    data.attrs["description"] = "spins"
    data.attrs["units"] = "1"
    data.attrs["dims"] = "sample,site"
    file["labels"] = [0, 1, 1]
    file["temperature"] = [0.0, np.inf]
    file["energy"] = [-8, 0, -8]
