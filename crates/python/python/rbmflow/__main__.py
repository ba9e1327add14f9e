"""The program ``rbmflow``, also as ``python -m rbmflow``."""

from __future__ import annotations

import os
import signal
import sys


def main() -> int:
    """Does what the command line says, and returns the exit code."""
    # Cluster modules set these for other programs; the HDF5 library would load plugins or end the process for them.
    for name in [name for name in os.environ if name.startswith("HDF5_")]:
        del os.environ[name]
    from . import _rbmflow

    # The program listens to signals itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    script = os.path.abspath(sys.argv[0])
    if not os.access(script, os.X_OK):
        # Started by `python -m`: the script is beside the interpreter.
        script = os.path.join(os.path.dirname(sys.executable), "rbmflow")
    return _rbmflow.main(script, ["rbmflow", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
