"""What can go wrong: one exception for each exit code of the program, with the same one line."""

from __future__ import annotations


class Error(Exception):
    """Any error of rbmflow."""

    exit_code = 1
    """The exit code of the program ``rbmflow`` in the same case."""


class ComputationError(Error, RuntimeError):
    """A computation failed: a training that diverged, say."""


class UsageError(Error, ValueError):
    """Impossible settings, inputs that do not go together, or a file that would be overwritten."""

    exit_code = 2


class InputError(Error, ValueError):
    """An input file is missing, damaged, or not what it should be."""

    exit_code = 3


class VersionError(Error, ValueError):
    """A file of a version that this package does not understand."""

    exit_code = 4


class FileError(Error, OSError):
    """Reading or writing failed: no space, no permission, no such folder."""

    exit_code = 5


class ClaimsError(Error):
    """A claim of the paper was not reproduced, and ``require_claims`` was set."""

    exit_code = 6


class LockedError(Error):
    """Another process is at work in the folder."""

    exit_code = 7


def of_exit_code(code: int, line: str) -> Error:
    """The exception for an exit code of the program and its line."""
    classes = [ComputationError, UsageError, InputError, VersionError, FileError, ClaimsError, LockedError]
    found = next((kind for kind in classes if kind.exit_code == code), ComputationError)
    return found(line)
