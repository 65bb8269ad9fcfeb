"""New signatures of a class by exchanging the class of real ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from svqvae.data.matrix import SignatureMatrix, group_sums
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models.names import as_bytes, as_text
from svqvae.models.network import NetworkModel

#: Share of the donors, nearest in strength, that one is drawn from.
_NEAREST = 0.1
#: Training signatures that a model keeps to simulate with.
_KEPT = 2000
#: Begins the names of their arrays in a saved model.
_PREFIX = "_donors."
#: Half precision has three digits, up to 65,504; of larger values donors are kept as they are.
_HALF = 6e4
#: A class of so many signatures is believed half: its effect is shrunk toward that of all.
_BELIEF = 2.0


class Donors:
    """Training signatures whose individuality is lent to another class.

    A signature is taken apart into strength times the profile of its class, and a residual: cell
    line, off-target effects, noise, in their real proportions and correlations, which no Gaussian
    or decoder gives back. A new signature of a class is that class's profile at the strength
    of a donor, plus the donor's residual. Donors are always of *other* classes, as strong as
    signatures of the class are: so no training signature is ever handed out again as it was.

    Parameters
    ----------
    x, label
        Donors x genes, in half or single precision, and the class of each.
    profile
        Classes x genes: the effect at mean strength.
    mean_length
        Length of a signature of mean strength, one value.
    cell
        Cell line of each donor as bytes of UTF-8, one row each; no rows where there are none.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """

    def __init__(
        self,
        x: np.ndarray,
        label: np.ndarray,
        profile: np.ndarray,
        mean_length: np.ndarray,
        cell: np.ndarray,
    ) -> None:
        self.x, self.label, self.profile, self.mean_length = x, label, profile, mean_length
        n, n_genes = x.shape
        fits = (
            label.shape == (n,)
            and profile.shape[1:] == (n_genes,)
            and mean_length.shape == (1,)
            and len(cell) in (0, n)
            and (n == 0 or 0 <= label.min() <= label.max() < len(profile))
        )
        if not fits:
            raise ValueError("the donors' arrays are not of one set of signatures")
        self.cell = cell
        self.cells = as_text(cell)

    @classmethod
    def choose(
        cls,
        x: SignatureMatrix,
        label: np.ndarray,
        *,
        cells: np.ndarray | None = None,
        most: int,
        seed: int,
    ) -> Donors:
        """Estimate the classes' profiles from all signatures, and keep ``most`` as donors.

        The profile of a class is the slope of its signatures on their strength, through 0,
        shrunk toward that of all classes by n / (n + 2).
        """
        lengths = np.concatenate([np.linalg.norm(block, axis=1) for block in x.blocks()])
        mean_length = max(float(lengths.mean()), 1e-6)
        strength = (lengths / mean_length).astype(np.float32)

        def weighted() -> Iterator[np.ndarray]:
            start = 0
            for block in x.blocks():
                yield block * strength[start : start + len(block), None]
                start += len(block)

        n = np.bincount(label)
        square = np.maximum(np.bincount(label, weights=strength.astype(float) ** 2), 1e-12)
        sums = group_sums(weighted(), label, len(n))
        common = sums.sum(0) / square.sum()
        belief = (n / (n + _BELIEF))[:, None]
        profile = common + belief * (sums / square[:, None] - common)
        kept = np.arange(len(x))
        if len(kept) > most:
            kept = np.sort(np.random.default_rng(seed).choice(kept, most, replace=False))
        length = np.array([mean_length], dtype=np.float32)
        cell = as_bytes([] if cells is None else cells[kept])
        half = np.float16 if x.largest < _HALF else np.float32
        return cls(x[kept].astype(half), label[kept], profile.astype(np.float32), length, cell)

    def draw(
        self,
        of_class: int,
        n: int,
        rng: np.random.Generator,
        *,
        strength: float | None = None,
        cell: str | None = None,
    ) -> np.ndarray:
        """Return ``n`` new signatures of a class, n x genes.

        Parameters
        ----------
        strength
            Length wanted, in mean lengths of signatures; by default that of a random member of the
            class among the donors. The residual is a donor's of another class among the tenth
            nearest in strength.
        cell
            Cell line that donors come from; any by default.

        Raises
        ------
        SvqvaeError
            If there is no donor of the cell line; those that there are, are named.
        """
        length = np.maximum(np.linalg.norm(self.x.astype(np.float32), axis=1), 1e-6)
        members = np.flatnonzero(self.label == of_class)
        others = np.flatnonzero((self.label != of_class) & self._of_cell(cell))
        if len(others) == 0:
            raise SvqvaeError(f"no signature of another class in cell line '{cell}' to draw from")
        # A rare class may have no donor of its own: any strength will do then.
        wanted = length[rng.choice(members if len(members) else others, n)]
        if strength is not None:
            wanted = np.full(n, strength * float(self.mean_length[0]))
        others = others[np.argsort(length[others], kind="stable")]
        near = max(1, round(_NEAREST * len(others)))
        middle = np.searchsorted(length[others], wanted)
        start = np.clip(middle - near // 2, 0, len(others) - near)
        donor = others[start + rng.integers(near, size=n)]
        relative = (length[donor] / self.mean_length)[:, None]
        swap = self.profile[of_class] - self.profile[self.label[donor]]
        drawn = self.x[donor].astype(np.float32) + relative * swap
        if strength is not None:
            # Donors are as near as there are: the rest of the way by scaling.
            drawn *= (wanted / length[donor])[:, None]
        return drawn.astype(np.float32)

    def _of_cell(self, cell: str | None) -> np.ndarray:
        """Return the mask of donors of a cell line."""
        if cell is None:
            return np.ones(len(self.x), dtype=bool)
        known = sorted(set(self.cells))
        if cell not in known:
            hint = did_you_mean(cell, known) if known else "; the training data names none"
            raise SvqvaeError(f"no signature of cell line '{cell}'{hint}")
        return np.array([name == cell for name in self.cells])

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what :meth:`__init__` takes, to be saved with a model."""
        return {
            "x": self.x,
            "label": self.label,
            "profile": self.profile,
            "mean_length": self.mean_length,
            "cell": self.cell,
        }


class ExchangingModel(NetworkModel):
    """A model that keeps donors, and simulates with them."""

    #: None in models saved before there were any.
    donors: Donors | None = None

    def keep_donors(self, seed: int) -> None:
        """Choose the donors among the training signatures."""
        self.donors = Donors.choose(self._x, self._y, cells=self._cells, most=_KEPT, seed=seed)

    def _draw(self, at: int, n: int, rng: np.random.Generator) -> np.ndarray:
        if self.donors is None:
            return super()._draw(at, n, rng)
        return self._draw_at(at, n, rng, strength=None, cell=None)

    def _draw_at(
        self,
        at: int,
        n: int,
        rng: np.random.Generator,
        *,
        strength: float | None,
        cell: str | None,
    ) -> np.ndarray:
        if self.donors is None:
            return super()._draw_at(at, n, rng, strength=strength, cell=cell)
        x = self.donors.draw(at, n, rng, strength=strength, cell=cell)
        return x if self.clip is None else np.clip(x, -self.clip, self.clip)

    def _state(self) -> dict[str, np.ndarray]:
        donors = {} if self.donors is None else self.donors.arrays()
        return super()._state() | {_PREFIX + name: array for name, array in donors.items()}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        donors = {k: state.pop(k) for k in list(state) if k.startswith(_PREFIX)}
        if donors:
            self.donors = Donors(**{k.removeprefix(_PREFIX): v for k, v in donors.items()})
            shape = (len(self.class_names), len(self.var_names))
            if self.donors.profile.shape != shape:
                raise ValueError(f"donors' profiles: {self.donors.profile.shape}, expected {shape}")
        super()._set_state(state)
