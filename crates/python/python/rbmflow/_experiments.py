"""Whole experiments."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, cast

from ._artifacts import Figures, Path, open
from ._progress import Progress, listener
from .errors import of_exit_code


PATIENCE = 2.0
"""Seconds after Ctrl-C before a program that was not told is told."""

JOB_DONE = re.compile(r"\[ *(\d+)/(\d+)\] ")
"""The beginning of the line that the program writes after each job: its number, and that of all."""


@dataclass(frozen=True)
class Run:
    """The folder of an experiment that was run."""

    folder: pathlib.Path
    """Where everything is."""

    @property
    def report(self) -> pathlib.Path:
        """The page with all figures and claims."""
        return self.folder / "report.html"

    @property
    def claims(self) -> dict[str, Any]:
        """What is in ``claims.json``: each statement with its verdict, number, rule and band."""
        return cast(dict[str, Any], json.loads((self.folder / "claims.json").read_text(encoding="utf-8")))

    @property
    def figures(self) -> Figures:
        """The numbers of all figures."""
        return cast(Figures, open(self.folder / "data" / "figures.h5"))

    def open(self, name: str) -> Any:
        """The artifact of a file below ``data``, by its path there."""
        return open(self.folder / "data" / name)


def run(
    experiment: Path,
    out: Path,
    *,
    require_claims: bool = False,
    jobs: int | None = None,
    quiet: bool = True,
    progress: Progress = None,
) -> Run:
    """Runs an experiment, as ``rbmflow run`` in a process of its own; what is there already is kept.

    Args:
        experiment: the TOML file.
        out: the folder of the run.
        require_claims: whether it is an error if a claim is not reproduced.
        jobs: the number of threads (all cores).
        quiet: whether to keep the program's lines of progress from standard error.
        progress: a function of the fraction of the jobs that are done, or a bar of tqdm.

    Raises:
        Error: of the class and with the line that belong to the exit code. After Ctrl-C the same call goes on.
    """
    command = [sys.executable, "-m", "rbmflow"]
    command += ["run", os.fspath(experiment), "--out", os.fspath(out)]
    command += ["--require-claims"] if require_claims else []
    command += ["--jobs", str(jobs)] if jobs is not None else []
    tell = listener(progress)
    command += ["--quiet"] if quiet and tell is None else []
    told: list[str] = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace") as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                told.append(line.rstrip("\n"))
                if tell is not None and (job := JOB_DONE.match(line)):
                    tell(int(job[1]) / int(job[2]))
                if not quiet:
                    print(line, end="", file=sys.stderr)
        except KeyboardInterrupt:
            # The terminal has told the program too, which then keeps what it has done. A second signal would end it at once.
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait()
            raise
        except BaseException:
            # Of the callback.
            process.terminate()
            raise
    if process.returncode:
        errors = [line.removeprefix("error: ") for line in told if line.startswith("error: ")]
        ended = f"rbmflow ended with exit code {process.returncode}"
        raise of_exit_code(process.returncode, errors[-1] if errors else ended)
    if tell is not None:
        tell(1.0)
    return Run(pathlib.Path(out))
