"""Progress, Ctrl-C, and the interpreter's lock."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest
import rbmflow
from tqdm import tqdm

LONG = {"size": 64, "temperatures": "1:3:0.1", "samples_per_temperature": 20_000}


def test_fractions_grow_to_one(spins: rbmflow.Spins) -> None:
    told: list[float] = []
    rbmflow.train(spins, hidden=64, epochs=400, progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and all(0 < fraction <= 1 for fraction in told)


@pytest.mark.parametrize("total", [100, None])
def test_a_bar(spins: rbmflow.Spins, total: int | None) -> None:
    with tqdm(total=total, disable=False, file=open("/dev/null", "w")) as bar:  # noqa: SIM115
        rbmflow.flow(rbmflow.train(spins, hidden=4, epochs=1), spins, chains=50, progress=bar)
        assert bar.n == pytest.approx(total or 1)
        bar.fp.close()
        bar.disable = True


def test_an_error_of_the_callback_stops() -> None:
    def fail(fraction: float) -> None:
        raise LookupError(f"at {fraction}")

    with pytest.raises(LookupError, match="at 0"):
        rbmflow.sample(**LONG, progress=fail)


def test_other_threads_run() -> None:
    """While the crates compute, Python code of other threads goes on."""
    counted, done = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    stop_after = iter(range(5))
    with pytest.raises(StopIteration):
        rbmflow.sample(**LONG, progress=lambda _: next(stop_after))
    done.set()
    counter.join()
    assert counted > 10


SCRIPT = """
import rbmflow
print("ready", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("interrupted")
    print(rbmflow.sample(2, [1.0], 1).samples.shape)
"""


@pytest.mark.parametrize(
    "call",
    [
        'rbmflow.sample(64, "1:3:0.1", 50_000)',
        'rbmflow.train(rbmflow.sample(4, "1:3:0.1", 1000), epochs=10_000_000)',
        # This one asks nobody whether to stop.
        "rbmflow.couplings(rbmflow.Rbm.from_arrays([[1.0] * 4000] * 2500))",
    ],
)
def test_ctrl_c_stops(call: str) -> None:
    script = [sys.executable, "-c", SCRIPT.format(call=call)]
    with subprocess.Popen(script, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "interrupted\n(1, 4)\n"
    assert process.returncode == 0


def test_import_is_light() -> None:
    """Neither NumPy nor anything else that takes long is imported before it is needed."""
    code = "import sys, rbmflow; print([m for m in ('numpy', 'xarray', 'sklearn', 'h5py') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert found.stdout == "[]\n"


def test_the_command(verb, tmp_path: pathlib.Path) -> None:  # type: ignore[no-untyped-def]
    """The program came with the package, under both names, and cluster scripts name it."""
    module = subprocess.run(
        [sys.executable, "-m", "rbmflow", "--version"], capture_output=True, encoding="utf-8", check=True
    )
    assert module.stdout == verb("--version").stdout
    assert module.stdout.startswith("rbmflow ")
