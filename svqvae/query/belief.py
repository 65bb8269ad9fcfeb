"""How far an answer is to be believed: what held-out signatures so sure were worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from svqvae.io.tables import read_result
from svqvae.results import FILES

#: Held-out signatures of the most similar probability that are looked at, at most, and their
#: largest share of all.
_N, _SHARE = 50, 0.2


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Probability of the first class of held-out signatures, sorted, and whether it was right."""

    probability: np.ndarray
    right: np.ndarray

    def alike(self, probability: float) -> slice:
        """Return where those lie whose first class was as probable."""
        n = max(1, min(_N, int(_SHARE * len(self.right))))
        at = int(np.searchsorted(self.probability, probability))
        begin = int(np.clip(at - n // 2, 0, len(self.right) - n))
        return slice(begin, begin + n)

    def accuracy(self, probability: float) -> float:
        """Return the share of them that was right."""
        return float(self.right[self.alike(probability)].mean())

    def sentence(self, probability: float) -> str:
        """Return what is known of held-out signatures whose first class was as probable."""
        mine = self.alike(probability)
        low, high = self.probability[mine][[0, -1]]
        return (
            f"of held-out signatures this sure (first probability {low:.2f} to {high:.2f}), "
            f"{self.right[mine].mean():.0%} were right (n = {mine.stop - mine.start})"
        )


def held_out_beside(folder: str | Path, classes: Iterable[str]) -> HeldOut | None:
    """Return the held-out scores of the run that a model lies in; None where there are none.

    Parameters
    ----------
    folder
        Of the saved model.
    classes
        Of the model: scores of others are those of another one.
    """
    folder = Path(folder).absolute()
    if len(folder.parents) < 3:
        return None
    names = {"dataset": folder.parents[1].name, "model": folder.parent.name}
    path = FILES["held_out_scores"].path(folder.parents[2], **names)
    if not path.is_file():
        return None
    table = read_result(path)
    if not set(table["class"].dropna().astype(str)) <= set(classes):
        return None
    # One seed: the models of others say the same of the same signatures.
    table = table[(table["seed"] == table["seed"].min()) & table["true_rank"].notna()]
    table = table.dropna(subset=["confidence"]).sort_values("confidence", kind="stable")
    if not len(table):
        return None
    return HeldOut(
        probability=table["confidence"].to_numpy(float),
        right=table["true_rank"].to_numpy(float) == 1,
    )
