"""What the tests share: the program to compare with, and small artifacts."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sysconfig
from collections.abc import Callable

import pytest
import rbmflow

Verb = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def program() -> str:
    """The program `rbmflow`: the one of the variable RBMFLOW, or else the command that came with the package."""
    found = os.environ.get("RBMFLOW") or shutil.which("rbmflow", path=sysconfig.get_path("scripts"))
    assert found, "there is no program"
    return found


@pytest.fixture
def verb(program: str, tmp_path: pathlib.Path) -> Verb:
    """Calls the program in a temporary folder; it must succeed unless `code` says otherwise."""

    def call(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [program, *map(str, words)], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == code, done.stderr
        return done

    return call


@pytest.fixture(scope="session")
def spins() -> rbmflow.Spins:
    """Few configurations at four temperatures."""
    return rbmflow.sample(4, "1,tc,4,inf", 100, seed=1)


@pytest.fixture(scope="session")
def test_spins() -> rbmflow.Spins:
    """Others at the same temperatures."""
    return rbmflow.sample(4, "1,tc,4,inf", 100, seed=2)


@pytest.fixture(scope="session")
def rbm(spins: rbmflow.Spins) -> rbmflow.Rbm:
    """A machine that was trained for a moment."""
    return rbmflow.train(spins, hidden=6, epochs=5, seed=1)
