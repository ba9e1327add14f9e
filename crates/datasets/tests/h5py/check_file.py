"""Compares a file with what it should hold, read by h5py and not by rbmflow.

usage: check_file.py FILE EXPECTED.json
"""

import json
import struct
import sys

import blake3
import h5py
import numpy as np

BLOCK = 512
TYPES = {"i8": "i1", "u16": "u2", "i32": "i4", "u32": "u4", "u64": "u8", "f32": "f4", "f64": "f8"}
RESERVED = {"schema", "schema_major", "schema_minor", "producer", "config", "seed", "inputs", "content_hash"}


def user_block(path):
    """The block of 512 bytes before the HDF5 data, as the format describes it."""
    data = open(path, "rb").read()
    block, rest = data[:BLOCK], data[BLOCK:]
    assert block[:16] == b"\x89RBMFLOW\r\n\x1a\n\0\0\0\0", block[:16]
    assert struct.unpack("<II", block[16:24]) == (1, 0)
    assert struct.unpack("<Q", block[24:32]) == (len(rest),)
    assert block[32:64] == blake3.blake3(rest).digest()
    assert not any(block[64:])


def content_hash(file):
    """The hash of the content, as the format describes it."""
    hasher = blake3.blake3()

    def number(value):
        hasher.update(struct.pack("<Q", value))

    def text(value):
        value = value.encode()
        number(len(value))
        hasher.update(value)

    text("rbmflow content 1")
    attributes = sorted(set(file.attrs) - RESERVED, key=str.encode)
    number(len(attributes))
    for name in attributes:
        value = file.attrs[name]
        text(name)
        if isinstance(value, str):
            text("text")
            text(value)
        elif isinstance(value, np.int64):
            text("i64")
            hasher.update(struct.pack("<q", value))
        elif isinstance(value, np.ndarray) and value.dtype == np.dtype("i8"):
            text("i64[]")
            number(len(value))
            hasher.update(value.astype("<i8").tobytes())
        elif isinstance(value, np.float64):
            text("f64")
            hasher.update(struct.pack("<d", value))
        else:
            text("f64[]")
            number(len(value))
            hasher.update(value.astype("<f8").tobytes())
    datasets = {}

    def visit(path, item):
        # Scales without numbers are no content.
        if isinstance(item, h5py.Dataset) and not item.attrs.get("NAME", b"").startswith(b"This is a netCDF dimension"):
            datasets[path] = item

    file.visititems(visit)
    number(len(datasets))
    names = {np.dtype("<" + numpy): rust for rust, numpy in TYPES.items()}
    for path in sorted(datasets, key=str.encode):
        array = datasets[path][()]
        array = np.asarray(array)
        text(path)
        text(names[array.dtype])
        number(array.ndim)
        for length in array.shape:
            number(length)
        hasher.update(array.tobytes())
    text(file.attrs["config"])
    return hasher.hexdigest(), set(datasets)


def same(found, expected):
    """Equal numbers; NaN equals NaN, and the sign of zero counts."""
    expected = np.array(expected, dtype=found.dtype)
    return found.tobytes() == expected.tobytes()


def scales(item):
    """Each axis has one scale of its name and length; an array that is named as its axis is that scale."""
    dims = [dim for dim in item.attrs["dims"].split(",") if dim]
    if dims == [item.name.rpartition("/")[2]]:
        assert item.is_scale, item.name
        return
    assert len(set(dims)) == len(dims), (item.name, dims)
    for axis, dim in enumerate(dims):
        (scale,) = item.dims[axis].values()
        assert scale.name.rpartition("/")[2] == dim, (item.name, scale.name)
        assert scale.is_scale and len(scale) == item.shape[axis], (item.name, dim)


def main():
    path, expected = sys.argv[1], json.load(open(sys.argv[2]))
    user_block(path)
    with h5py.File(path) as file:
        assert file.userblock_size == BLOCK
        for name, value in expected["root"].items():
            found = file.attrs[name]
            assert type(found) is (str if isinstance(value, str) else type(found)), name
            assert found == value, (name, found, value)
        assert file.attrs["seed"].dtype == np.uint64
        assert json.loads(file.attrs["inputs"]) == expected["inputs"]
        for name, (kind, value) in expected["attributes"].items():
            found = file.attrs[name]
            if kind == "text":
                assert found == value, (name, found, value)
            elif kind == "i64":
                assert type(found) is np.int64 and found == int(value), (name, found, value)
            elif kind == "i64[]":
                assert found.dtype == np.int64 and found.tolist() == value, (name, found, value)
            else:
                assert found.dtype == np.float64 and same(found, [float(x) for x in value] if kind == "f64[]" else float(value))
        assert set(file.attrs) == set(expected["root"]) | {"inputs"} | set(expected["attributes"])
        for name, dataset in expected["datasets"].items():
            item = file[name]
            assert item.dtype == np.dtype("<" + TYPES[dataset["type"]]), (name, item.dtype)
            assert list(item.shape) == dataset["shape"], (name, item.shape)
            for attribute in ["description", "units", "dims"]:
                assert item.attrs[attribute] == dataset[attribute], (name, attribute)
            parse = float if dataset["type"].startswith("f") else int
            values = np.array([parse(x) for x in dataset["values"]], dtype=item.dtype).reshape(item.shape)
            assert same(item[()], values), name
            assert not item.fletcher32, name
            if item.nbytes >= 1024:
                assert item.chunks and item.compression == "gzip" and item.shuffle, name
            else:
                assert item.id.get_create_plist().get_layout() == h5py.h5d.CONTIGUOUS, name
            scales(item)
        digest, paths = content_hash(file)
        assert paths == set(expected["datasets"])
        assert digest == file.attrs["content_hash"]
    print("equal")


main()
