"""A file that Python saves has the bytes of the one that the verb writes."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import rbmflow

Folder = pathlib.Path


@pytest.fixture
def inputs(tmp_path: Folder, verb) -> Iterator[Folder]:  # type: ignore[no-untyped-def]
    """The files that the stages read, from the program."""
    common = "--size 4 --temperatures 1,tc,3 --samples-per-temperature 60".split()
    verb("sample", *common, "--seed", 1, "--out", "spins.h5")
    verb("sample", *common, "--seed", 2, "--out", "test.h5")
    verb(*"equation-of-state --size 4 --out table.h5".split())
    verb(*"equation-of-state --size 2 --out small.h5".split())
    verb(*"train spins.h5 --hidden 6 --epochs 3 --seed 5 --out rbm.h5".split())
    network = "thermometer train spins.h5 --test test.h5 --equation-of-state table.h5 --epochs 3 --out network.h5"
    verb(*network.split())
    return tmp_path


def same(made: rbmflow.Artifact, file: Folder) -> None:
    """The artifact is saved as these bytes, and is equal to what is read from them."""
    copy = file.with_suffix(".copy")
    made.save(copy)
    assert copy.read_bytes() == file.read_bytes()
    found = rbmflow.open(file)
    assert type(found) is type(made) and found == made


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("--temperatures 0:4:0.5", {"temperatures": "0:4:0.5"}),
        ("--temperatures 0,tc,inf --seed 7", {"temperatures": [0, "tc", float("inf")], "seed": 7}),
        ("--temperatures 1:3:1 --field 0.25", {"temperatures": np.array([1.0, 2.0, 3.0]), "field": np.float32(0.25)}),
        ("--temperatures 2 --algorithm wolff", {"temperatures": 2, "algorithm": "wolff"}),
        ("--temperatures 2 --model shuffled", {"temperatures": (2.0,), "model": "shuffled"}),
    ],
)
def test_sample(tmp_path: Folder, verb, words: str, settings: dict) -> None:  # type: ignore[no-untyped-def,type-arg]
    verb("sample", *"--size 4 --samples-per-temperature 20 --out out.h5".split(), *words.split())
    same(rbmflow.sample(size=4, samples_per_temperature=np.int64(20), **settings), tmp_path / "out.h5")


def test_equation_of_state(inputs: Folder, verb) -> None:  # type: ignore[no-untyped-def]
    same(rbmflow.equation_of_state(4), inputs / "table.h5")
    verb(*"equation-of-state --size 3 --temperatures 0:2:0.5 --field 0.1 --out field.h5".split())
    same(rbmflow.equation_of_state(3, temperatures="0:2:0.5", field=0.1), inputs / "field.h5")


def test_train(inputs: Folder, verb) -> None:  # type: ignore[no-untyped-def]
    spins = rbmflow.open(inputs / "spins.h5")
    assert isinstance(spins, rbmflow.Spins)
    same(rbmflow.train(spins, hidden=6, epochs=3, seed=5), inputs / "rbm.h5")
    words = "--hidden 5 --epochs 2 --units binary --biases --learning-rate 0.03 --algorithm pcd --chains 20 -k 2"
    verb("train", "spins.h5", "test.h5", *words.split(), "--temperatures", "1,3", "--out", "both.h5")
    settings = {"units": "binary", "biases": True, "learning_rate": 0.03, "algorithm": "pcd", "gibbs_steps": 2}
    both = [spins, inputs / "test.h5"]
    same(rbmflow.train(both, hidden=5, epochs=2, temperatures=[1, 3], chains=20, **settings), inputs / "both.h5")


def test_train_in_memory(inputs: Folder, verb) -> None:  # type: ignore[no-untyped-def]
    """What was never saved is the same input as its file."""
    spins = rbmflow.sample(4, "1,tc,3", 60, seed=1)
    same(rbmflow.train(spins, hidden=6, epochs=3, seed=5), inputs / "rbm.h5")


def test_thermometer(inputs: Folder) -> None:
    spins, test, table = (inputs / f"{name}.h5" for name in ("spins", "test", "table"))
    same(rbmflow.thermometer(spins, test, equation_of_state=table, epochs=3), inputs / "network.h5")


def test_flows(inputs: Folder, verb) -> None:  # type: ignore[no-untyped-def]
    settings = "--steps 5 --chains 30 --seed 3 --start-temperatures 1,3"
    scales = "--thermometer network.h5 --equation-of-state table.h5"
    verb(*f"flow rbm rbm.h5 --starts spins.h5 {scales} {settings} --out flow.h5".split())
    verb(*f"flow rbm rbm.h5 --starts spins.h5 {settings} --set record={{every=2}} --out bare.h5".split())
    verb(*f"flow block-spin spins.h5 {scales} --equation-of-state small.h5 --chains 30 --out block.h5".split())
    rbm, spins, network, table, small = (
        inputs / f"{name}.h5" for name in ("rbm", "spins", "network", "table", "small")
    )
    settings_here = {"steps": 5, "chains": 30, "seed": 3, "start_temperatures": "1,3"}
    made = rbmflow.flow(rbm, spins, thermometer=network, equation_of_state=table, **settings_here)
    same(made, inputs / "flow.h5")
    same(rbmflow.flow(rbm, spins, record={"every": 2}, **settings_here), inputs / "bare.h5")
    made = rbmflow.block_spin_flow(spins, thermometer=network, equation_of_state=[table, small], chains=30)
    same(made, inputs / "block.h5")


def test_weights_and_likelihood(inputs: Folder, verb) -> None:  # type: ignore[no-untyped-def]
    verb(*"weights rbm.h5 --spins spins.h5 --out weights.h5".split())
    verb(*"weights rbm.h5 --spins spins.h5 --temperatures 1,3 --set modes=3 --out few.h5".split())
    verb(*"likelihood rbm.h5 --spins test.h5 --out exact.h5".split())
    annealed = "--method annealed --chains 50 --steps 100 --seed 4"
    verb(*f"likelihood rbm.h5 --spins test.h5 {annealed} --out annealed.h5".split())
    rbm, spins, test = (inputs / f"{name}.h5" for name in ("rbm", "spins", "test"))
    same(rbmflow.weights(rbm, spins), inputs / "weights.h5")
    same(rbmflow.weights(rbm, spins, temperatures=[1, 3], modes=3), inputs / "few.h5")
    same(rbmflow.likelihood(rbm, test), inputs / "exact.h5")
    made = rbmflow.likelihood(rbm, test, method="annealed", chains=50, steps=100, seed=4)
    same(made, inputs / "annealed.h5")


def test_measure(inputs: Folder, verb) -> None:  # type: ignore[no-untyped-def]
    import json

    words = "thermometer measure test.h5 --thermometer network.h5 --equation-of-state table.h5 --json"
    rows = json.loads(verb(*words.split()).stdout)
    found = rbmflow.measure(
        inputs / "test.h5", thermometer=inputs / "network.h5", equation_of_state=inputs / "table.h5"
    )
    for name in ("nn_temperature", "bayes_temperature", "energy_temperature", "magnetization_temperature"):
        assert found[name].tolist() == [row[name]["value"] for row in rows]
        assert found[f"{name}_error"].tolist() == [row[name]["error"] for row in rows]
    assert found["nn_peak"].tolist() == [row["nn_peak"] for row in rows]
    assert "nn_peak" not in rbmflow.measure(inputs / "test.h5", equation_of_state=inputs / "table.h5")


def test_other_seeds() -> None:
    """Equal settings are equal, another seed is not."""
    made = [rbmflow.sample(4, [2.0], 10, seed=seed) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    assert hash(made[0]) == hash(made[1])


def test_other_threads() -> None:
    """The number of threads changes no bit."""
    script = (
        "import rbmflow; s = rbmflow.sample(8, 'V', 600); "
        "print(s.content_hash, rbmflow.train(s, hidden=200, epochs=2).content_hash)"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"RAYON_NUM_THREADS": threads},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for threads in ("1", "2", "5")
    }
    assert len(printed) == 1 and len(printed.pop().split()) == 2
