"""The package itself: types, documentation, experiments."""

from __future__ import annotations

import doctest
import inspect
import pathlib
import subprocess
import sys

import pytest
import rbmflow

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_types() -> None:
    """mypy agrees with the package, and the stubs with the native half."""
    config = ROOT / "crates/python/pyproject.toml"
    for command in (["mypy", "--config-file", str(config)], ["mypy.stubtest", "rbmflow._rbmflow"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd="/", capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_of_the_package() -> None:
    assert doctest.testmod(rbmflow).failed == 0
    assert doctest.testmod(rbmflow).attempted >= 5


@pytest.mark.parametrize("name", [name for name in rbmflow.__all__ if name[0].islower()])
def test_every_argument_is_documented(name: str) -> None:
    function = getattr(rbmflow, name)
    documented = inspect.getdoc(function) or ""
    parameters = inspect.signature(function).parameters
    assert documented
    if len(parameters) > 3:
        assert all(f"    {parameter}:" in documented for parameter in parameters), name


@pytest.mark.parametrize("document", ["README.md", "crates/python/README.md"])
def test_documents_run_as_written(document: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block that uses the package, in order."""
    monkeypatch.chdir(tmp_path)
    fenced = (ROOT / document).read_text(encoding="utf-8").split("\n```")[1::2]
    blocks = [block.removeprefix("python\n") for block in fenced if block.startswith("python\n")]
    blocks = [block for block in blocks if "import rbmflow" in block]
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, document, "exec"), names)
    flow = names["flow"]
    assert isinstance(flow, rbmflow.Flow) and flow["abs_magnetization"].shape == (13, 51)


def test_the_tour(tmp_path: pathlib.Path) -> None:
    """Every cell of the notebook runs, and it has pictures."""
    import nbclient
    import nbformat

    notebook = nbformat.read(ROOT / "examples/tour.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "kept without outputs"
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(tmp_path))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 6
    text = "".join(output.get("text", "") for output in outputs)
    assert "the flows end at T_E" in text and "ln Z" not in text


def test_a_run(tmp_path: pathlib.Path) -> None:
    """The smallest experiment; a second call finds it, and an impossible one says what the program says."""
    experiment = ROOT / "tests/experiments/tiny.toml"
    told: list[float] = []
    run = rbmflow.run(experiment, tmp_path / "run", progress=told.append)
    assert told == sorted(told) and len(told) > 3 and 0 < told[0] < 1 and told[-1] == 1
    assert run.report.is_file() and run.claims and any(name.startswith("F05/") for name in run.figures)
    before = run.report.stat().st_mtime_ns
    rbmflow.run(experiment, tmp_path / "run")
    assert run.report.stat().st_mtime_ns == before

    def fail(fraction: float) -> None:
        raise LookupError(f"at {fraction}")

    with pytest.raises(LookupError, match="at 0"):
        rbmflow.run(experiment, tmp_path / "stopped", progress=fail)
    with pytest.raises(rbmflow.errors.Error, match="nothing.toml"):
        rbmflow.run(tmp_path / "nothing.toml", tmp_path / "other")
