"""Errors are exceptions with the line of the program."""

from __future__ import annotations

import pathlib

import pytest
import rbmflow
from rbmflow import errors


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("--size 1 --temperatures 1 --samples-per-temperature 2", (1, 1, 2)),
        ("--size 4 --temperatures 1:2:0.3 --samples-per-temperature 2", (4, "1:2:0.3", 2)),
        ("--size 4 --temperatures 1 --samples-per-temperature 0", (4, [1.0], 0)),
        ("--size 4 --temperatures 1,1 --samples-per-temperature 1", (4, "1,1", 1)),
    ],
)
def test_impossible_settings(verb, words: str, settings: tuple) -> None:  # type: ignore[no-untyped-def,type-arg]
    line = verb("sample", *words.split(), "--out", "out.h5", code=2).stderr
    with pytest.raises(errors.UsageError) as found:
        rbmflow.sample(*settings)
    assert isinstance(found.value, ValueError) and found.value.exit_code == 2
    assert str(found.value) in line and "\n" not in str(found.value)


def test_files(verb, tmp_path: pathlib.Path, spins: rbmflow.Spins, rbm: rbmflow.Rbm) -> None:  # type: ignore[no-untyped-def]
    missing = tmp_path / "missing.h5"
    (tmp_path / "text.h5").write_text("no HDF5")
    spins.save(tmp_path / "spins.h5")
    rbm.save(tmp_path / "rbm.h5")
    damaged = bytearray((tmp_path / "spins.h5").read_bytes())
    # A bit of the content: whatever else is changed may be an annotation.
    damaged[damaged.index(spins["temperature"].tobytes())] ^= 1
    (tmp_path / "damaged.h5").write_bytes(damaged)
    for path in (missing, tmp_path / "text.h5", tmp_path / "damaged.h5"):
        line = verb("train", path, "--epochs", 1, "--out", "out.h5", code=3).stderr
        with pytest.raises(errors.InputError) as found:
            rbmflow.train(path, epochs=1)
        assert line == f"error: {found.value}\n"
    with pytest.raises(errors.UsageError, match="expected `rbmflow.spins`, found `rbmflow.rbm`"):
        rbmflow.train(tmp_path / "rbm.h5", epochs=1)


def test_a_training_that_diverges(spins: rbmflow.Spins) -> None:
    with pytest.raises(errors.ComputationError, match="learning rate|learning_rate") as found:
        rbmflow.train(spins, hidden=4, epochs=50, learning_rate=1e30, optimizer="adam")
    assert found.value.exit_code == 1


def test_inputs_that_do_not_go_together(spins: rbmflow.Spins, rbm: rbmflow.Rbm) -> None:
    other = rbmflow.sample(6, [2.0], 10)
    with pytest.raises(errors.UsageError, match="16 visible units"):
        rbmflow.flow(rbm, other, chains=5)
    with pytest.raises(errors.UsageError, match="count twice"):
        rbmflow.train([spins, spins])
    with pytest.raises(errors.UsageError, match="no test"):
        rbmflow.thermometer(spins, spins, epochs=1)


def test_unknown_and_absurd_settings(spins: rbmflow.Spins) -> None:
    with pytest.raises(errors.UsageError, match="unknown field `colour`"):
        rbmflow.train(spins, colour="red")
    with pytest.raises(errors.UsageError, match="epochs is 0"):
        rbmflow.train(spins, epochs=0)
    with pytest.raises(TypeError, match="is no setting"):
        rbmflow.train(spins, hidden=object())  # type: ignore[arg-type]
    with pytest.raises(errors.UsageError):
        rbmflow.sample(4, [1.0], 10, seed=-1)


def test_every_exit_code_has_an_exception() -> None:
    for code in range(1, 8):
        assert errors.of_exit_code(code, "line").exit_code == code


def test_warnings_of_likelihoods(spins: rbmflow.Spins, test_spins: rbmflow.Spins, rbm: rbmflow.Rbm) -> None:
    with pytest.warns(UserWarning, match="trained on these configurations"):
        found = rbmflow.likelihood(rbm, spins)
    assert found["on_training_data"] == 1
    assert rbmflow.likelihood(rbm, test_spins)["on_training_data"] == 0
    sharp = rbmflow.Rbm.from_arrays(20 * rbm.weights)
    with pytest.warns(UserWarning, match="has not converged .* raise `(steps|burn_in)`"):
        rbmflow.likelihood(sharp, test_spins, method="annealed", chains=10, steps=2, burn_in=0)
