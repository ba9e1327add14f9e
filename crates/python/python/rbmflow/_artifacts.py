"""What files hold: arrays by name, with units, axes and the story of their making."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, cast

from . import _rbmflow

if TYPE_CHECKING:
    import numpy as np
    import xarray
    from numpy.typing import ArrayLike, NDArray

Path: TypeAlias = "str | PathLike[str]"
A = TypeVar("A", bound="Artifact")


class Artifact(Mapping[str, "NDArray[Any]"]):
    """The content of one file: a mapping from names to arrays.

    The names, axes and units are those of the file (``docs/format.md``). The arrays are read-only and share their memory
    with the artifact: nothing is copied.
    """

    SCHEMA: ClassVar[str]

    def __init__(self, native: _rbmflow.Artifact) -> None:
        """Wraps what the native half has made; use :func:`open`, a stage, or ``from_arrays``."""
        self._native = native

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array with a name, such as ``"observables/energy_per_spin"``."""
        return self._native.array(name)

    def __iter__(self) -> Iterator[str]:
        """The names, sorted."""
        return iter(self._native.names())

    def __len__(self) -> int:
        """The number of arrays."""
        return len(self._native.names())

    # Artifacts with the same content and config are equal; arrays are not compared one by one.
    def __eq__(self, other: object) -> bool:
        """Whether schema, content and config are the same."""
        return (
            isinstance(other, Artifact)
            and self.schema == other.schema
            and self.content_hash == other.content_hash
        )

    def __hash__(self) -> int:
        """A hash of the content."""
        return hash(self.content_hash)

    def __repr__(self) -> str:
        """Schema, attributes, and each array with its axes, unit and meaning."""
        attributes = ", ".join(f"{name}={value!r}" for name, value in self.attrs.items())
        lines = [f"<{type(self).__name__} {self.schema} {self.version[0]}.{self.version[1]}: {attributes}>"]
        for name in self:
            dims, units, description = self._native.describe(name)
            array = self[name]
            axes = ", ".join(f"{dim}: {length}" for dim, length in zip(dims, array.shape, strict=True))
            lines.append(f"  {name} ({axes}) {array.dtype} [{units}] {description}")
        return "\n".join(lines)

    @property
    def attrs(self) -> dict[str, Any]:
        """The root attributes that belong to the content, such as the size of the lattice."""
        return self._native.attributes()

    @property
    def schema(self) -> str:
        """The name of the schema."""
        return self._native.schema

    @property
    def version(self) -> tuple[int, int]:
        """The version of the schema, major and minor."""
        return self._native.version

    @property
    def config(self) -> str:
        """All settings of the stage that made it, as TOML; empty if no stage did."""
        return self._native.config

    @property
    def seed(self) -> int:
        """The seed of its random numbers."""
        return self._native.seed

    @property
    def producer(self) -> str:
        """The program that made it, with its version."""
        return self._native.producer

    @property
    def inputs(self) -> list[tuple[str, str, str]]:
        """Role, schema and content hash of each input that it was made from."""
        return self._native.inputs

    @property
    def content_hash(self) -> str:
        """BLAKE3 hash of content and config, in hexadecimal digits."""
        return self._native.content_hash

    def dims(self, name: str) -> tuple[str, ...]:
        """The names of the axes of an array, outermost first."""
        return tuple(self._native.describe(name)[0])

    def units(self, name: str) -> str:
        """The unit of an array; ``"1"`` if there is none."""
        return self._native.describe(name)[1]

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Writes the file: the same bytes as the verb of ``rbmflow`` with these settings, seed and inputs.

        A file with the same bytes is kept. Anything else that is there is refused, unless it is a file of rbmflow and
        `overwrite` is set. The file appears under its name when it is complete.
        """
        self._native.save(path, overwrite)

    def __reduce__(self) -> tuple[Callable[[bytes], Artifact], tuple[bytes]]:
        """Artifacts are pickled as the bytes of their files."""
        return (_unpickled, (self._native.to_bytes(),))

    def __deepcopy__(self, memo: dict[int, Any]) -> Artifact:
        """An artifact does not change, so that it is its own copy."""
        return self

    def to_xarray(self) -> xarray.Dataset:
        """The content as a dataset with the names, axes, units and attributes of the file.

        Needs xarray. Arrays are named by their paths and, coordinates apart, share memory with the artifact. An array that is named as its only
        axis becomes its coordinate. Where one axis has several lengths (layers of a network), or an array has one twice
        (W·Wᵀ), the name of the axis is completed by the group, or by ``_2``.
        """
        import xarray

        lengths: dict[str, set[int]] = {}
        for name in self:
            for dim, length in zip(self.dims(name), self[name].shape, strict=True):
                lengths.setdefault(dim, set()).add(length)

        def axes(name: str) -> tuple[str, ...]:
            found: list[str] = []
            for dim in self.dims(name):
                group = name.rpartition("/")[0]
                full = f"{group}/{dim}" if len(lengths[dim]) > 1 and group else dim
                found.append(full if full not in found else f"{full}_2")
            return tuple(found)

        variables = {
            name: xarray.Variable(
                axes(name),
                self[name],
                {"units": self.units(name), "description": self._native.describe(name)[2]},
            )
            for name in self
        }
        coordinates = {name: variable for name, variable in variables.items() if variable.dims == (name,)}
        data = {name: variable for name, variable in variables.items() if name not in coordinates}
        provenance = {"schema": self.schema, "config": self.config, "seed": self.seed, "producer": self.producer}
        return xarray.Dataset(data, coordinates, {**self.attrs, **provenance})


class Spins(Artifact):
    """Configurations of the Ising model at several temperatures (``rbmflow.spins``)."""

    SCHEMA = "rbmflow.spins"

    @classmethod
    def from_arrays(
        cls,
        samples: ArrayLike,
        temperature: ArrayLike,
        labels: ArrayLike | None = None,
        *,
        size: int | None = None,
    ) -> Spins:
        """Configurations of your own.

        Args:
            samples: ±1, shape ``(n, L * L)`` or ``(n, L, L)``, sites in row-major order.
            temperature: in J/k_B: of each label, shape ``(labels,)``, or, without labels, of each configuration ``(n,)``
                or of all of them ``()``.
            labels: index into `temperature` of each configuration, shape ``(n,)``.
            size: L; found from the shape of `samples` if absent.
        """
        import math

        import numpy as np

        spins = np.ascontiguousarray(samples)
        arrays = {"samples": _native_type(spins), "temperature": np.asarray(temperature, dtype=np.float64)}
        if labels is not None:
            arrays["labels"] = _native_type(np.ascontiguousarray(labels))
        if size is None:
            size = spins.shape[-1] if spins.ndim == 3 else math.isqrt(spins.shape[-1]) if spins.ndim else 0
        return cls(_rbmflow.from_arrays(cls.SCHEMA, arrays, {"size": int(size)}))

    @property
    def size(self) -> int:
        """L, the first side of the lattice; all of them are in ``attrs["shape"]``."""
        return int(self.attrs["shape"][0])

    @property
    def samples(self) -> NDArray[np.int8]:
        """±1, shape ``(sample, site)``."""
        return self["samples"]

    @property
    def labels(self) -> NDArray[np.uint16]:
        """Index into `temperature` of each configuration, shape ``(sample,)``."""
        return self["labels"]

    @property
    def temperature(self) -> NDArray[np.float64]:
        """Temperatures in J/k_B, shape ``(temperature,)``."""
        return self["temperature"]

    @property
    def energy(self) -> NDArray[np.int32]:
        """Exchange energy of each configuration in J, shape ``(sample,)``."""
        return self["energy"]

    @property
    def magnetization(self) -> NDArray[np.int32]:
        """Sum of the spins of each configuration, shape ``(sample,)``."""
        return self["magnetization"]


class EquationOfState(Artifact):
    """Thermal averages over a grid of temperatures (``rbmflow.equation-of-state``)."""

    SCHEMA = "rbmflow.equation-of-state"


class Rbm(Artifact):
    """A restricted Boltzmann machine, E(v, h) = −v·W·h − b·v − c·h (``rbmflow.rbm``)."""

    SCHEMA = "rbmflow.rbm"

    @classmethod
    def from_arrays(
        cls,
        weights: ArrayLike,
        visible_bias: ArrayLike | None = None,
        hidden_bias: ArrayLike | None = None,
        *,
        units: str = "spin",
    ) -> Rbm:
        """A machine from its parameters, in single precision.

        Args:
            weights: W, shape ``(visible, hidden)``. (scikit-learn's ``components_`` is its transpose.)
            visible_bias: b, shape ``(visible,)``; 0 if absent.
            hidden_bias: c, shape ``(hidden,)``; 0 if absent.
            units: values of the units, ``"spin"`` (±1) or ``"binary"`` (0/1).
        """
        import numpy as np

        matrix = np.atleast_2d(np.ascontiguousarray(weights, dtype=np.float32))
        visible, hidden = matrix.shape
        b = np.zeros(visible) if visible_bias is None else visible_bias
        c = np.zeros(hidden) if hidden_bias is None else hidden_bias
        arrays = {
            "weights": matrix,
            "visible_bias": np.ascontiguousarray(b, dtype=np.float32),
            "hidden_bias": np.ascontiguousarray(c, dtype=np.float32),
            "history/epoch": np.zeros(0, dtype=np.uint32),
        }
        attributes = {
            "units": units,
            "visible": visible,
            "hidden": hidden,
            "training_temperatures": [],
            "updates": 0,
        }
        return cls(_rbmflow.from_arrays(cls.SCHEMA, arrays, attributes))

    @property
    def weights(self) -> NDArray[np.float32]:
        """W, shape ``(visible, hidden)``."""
        return self["weights"]

    @property
    def visible_bias(self) -> NDArray[np.float32]:
        """b, shape ``(visible,)``."""
        return self["visible_bias"]

    @property
    def hidden_bias(self) -> NDArray[np.float32]:
        """c, shape ``(hidden,)``."""
        return self["hidden_bias"]

    def free_energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        """F(v) = −ln Σ_h exp(−E(v, h)) of each configuration in nats, shape ``(n,)``.

        Args:
            spins: ±1, shape ``(n, visible)``; with binary units +1 stands for 1 and −1 for 0.
        """
        return _rbmflow.free_energy(self._native, _spins(spins))

    def hidden_means(self, spins: ArrayLike) -> NDArray[np.float64]:
        """⟨h⟩ given each configuration, shape ``(n, hidden)``; `spins` as in :meth:`free_energy`."""
        return _rbmflow.hidden_means(self._native, _spins(spins))

    def pseudo_log_likelihood(self, spins: ArrayLike) -> NDArray[np.float64]:
        """Σ_i ln p(v_i | all other v) of each configuration in nats, shape ``(n,)``, exact over all sites; `spins` as in
        :meth:`free_energy`.
        """
        return _rbmflow.pseudo_log_likelihood(self._native, _spins(spins))


class Thermometer(Artifact):
    """A network that reads temperatures (``rbmflow.thermometer``)."""

    SCHEMA = "rbmflow.thermometer"


class Flow(Artifact):
    """What becomes of ensembles under a repeated map (``rbmflow.flow``)."""

    SCHEMA = "rbmflow.flow"


class Weights(Artifact):
    """Spectrum, singular vectors and structure of the weights of a machine (``rbmflow.weights``)."""

    SCHEMA = "rbmflow.weights"


class Likelihood(Artifact):
    """How probable a machine finds configurations, beside what is possible (``rbmflow.likelihood``)."""

    SCHEMA = "rbmflow.likelihood"


class Figures(Artifact):
    """The numbers of all figures of a run (``rbmflow.figures``)."""

    SCHEMA = "rbmflow.figures"


_CLASSES: dict[str, type[Artifact]] = {
    kind.SCHEMA: kind
    for kind in (Spins, EquationOfState, Rbm, Thermometer, Flow, Weights, Likelihood, Figures)
}


def open(path: Path) -> Artifact:
    """Reads a file of any schema and checks every byte of it.

    The result is of the class that belongs to the schema: :class:`Spins`, :class:`Rbm`, :class:`Flow`, …

    Raises:
        InputError: if the file is missing, damaged or something else.
        VersionError: if it is newer than this package.
    """
    native = _rbmflow.open(path)
    return _CLASSES[native.schema](native)


def _unpickled(file: bytes) -> Artifact:
    native = _rbmflow.from_bytes(file)
    return _CLASSES[native.schema](native)


def given(of: type[A], what: A | Path) -> _rbmflow.Artifact:
    """An input of a stage, which may be the name of a file; what it holds is checked by the stage."""
    return what._native if isinstance(what, Artifact) else cast(A, open(what))._native


def _native_type(array: NDArray[Any]) -> NDArray[Any]:
    """An array in one of the types that files have."""
    import numpy as np

    if array.dtype == np.dtype(np.int64):
        narrow = array.astype(np.int32)
        return narrow if bool((narrow == array).all()) else array.astype(np.float64)
    if array.dtype in (np.dtype(np.int16), np.dtype(np.uint8)):
        return array.astype(np.int32)
    return array


def _spins(spins: ArrayLike) -> NDArray[np.int8]:
    """Configurations as the crates take them: ±1."""
    import numpy as np

    from .errors import UsageError

    found = np.asarray(spins)
    narrow = np.ascontiguousarray(found, dtype=np.int8)
    if narrow.ndim != 2:
        raise UsageError(f"the configurations have the shape {found.shape}; expected (n, visible)")
    if not bool((np.abs(narrow) == 1).all()) or not bool((narrow == found).all()):
        raise UsageError("the configurations hold something else than 1 and -1")
    return narrow
