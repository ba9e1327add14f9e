"""Progress of long computations, for functions and for progress bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias


class Bar(Protocol):
    """A progress bar, such as that of tqdm."""

    total: Any
    n: Any

    def update(self, n: float, /) -> Any:
        """Moves the bar on by `n` of `total`."""


Progress: TypeAlias = Callable[[float], object] | Bar | None
"""A function that is called with the fraction that is done (0 to 1), or a bar such as ``tqdm(total=100)``."""


def listener(progress: Progress) -> Callable[[float], object] | None:
    """The function to call with the fraction that is done."""
    if progress is None:
        return None
    update = getattr(progress, "update", None)
    if update is None:
        assert callable(progress)
        return progress
    bar: Any = progress
    if bar.total is None:
        bar.total = 1
    return lambda fraction: update(fraction * bar.total - bar.n)
