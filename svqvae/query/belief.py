"""How far an answer is to be believed: what held-out signatures so sure were worth.

docs/query.md has the figures: of a query with few genes, or of lists, the model's probabilities are
too low, and are brought to where those of whole signatures are; strength says nothing that they do
not say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from svqvae.io.tables import read_result
from svqvae.query.queries import Queries
from svqvae.results import FILES

#: Held-out signatures of the most similar probability that are looked at, at most, and their
#: largest share of all.
_N, _SHARE = 50, 0.2
#: By what log probabilities are multiplied, by the share of genes that are known: of queries whose
#: other genes take their mean given these, and of long lists, whose other genes are 0. Chosen on
#: deal 1 of the public set: tests/benchmarks/bench_belief.py.
_KNOWN = (
    (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0),
    (1.1, 1.2, 1.3, 1.3, 1.2, 1.1, 1.0),
)
_LISTED = (
    (0.03, 0.05, 0.1, 0.2, 0.3, 1.0),
    (1.55, 1.55, 1.45, 1.3, 1.2, 1.0),
)
#: What a belief that whole signatures give is worth for a query with gaps.
_OF_GAPS = {
    None: "",
    True: "; on the public set, those with so few genes were right about as often (docs/query.md)",
    False: "; how often those with so few genes were is not known",
}
#: Share of training signatures that a weak one is stronger than, at most.
_WEAK = 0.2


def sharpened(probability: np.ndarray, queries: Queries) -> np.ndarray:
    """Return probabilities of queries with gaps as calibrated as those of whole signatures.

    The order of a query's classes stays.

    Parameters
    ----------
    probability
        Queries x classes, calibrated on whole signatures.
    """
    share = np.maximum(queries.genes_used, 1) / queries.values.shape[1]
    factor = np.interp(np.log(share), np.log(_KNOWN[0]), _KNOWN[1])
    listed = np.interp(np.log(share), np.log(_LISTED[0]), _LISTED[1])
    power = np.where(queries.unlisted_are_zero, listed, factor)[:, None]
    raised = (probability / probability.max(1, keepdims=True)) ** power
    return np.asarray(raised / raised.sum(1, keepdims=True))


def told_of_strength(share: float) -> str:
    """Return what is to be said of a signature that so many training signatures are weaker than."""
    if share > _WEAK:
        return f"stronger than {share:.0%} of the training signatures"
    return (
        f"weak: {1 - share:.0%} of the training signatures are stronger; on the public set weak "
        "ones seldom showed their class (docs/query.md)"
    )


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Probability of the first class of held-out signatures, sorted, and whether it was right."""

    probability: np.ndarray
    right: np.ndarray

    @cached_property
    def _right_before(self) -> np.ndarray:
        """Number of right ones before each position; means of thousands of parts are slow."""
        return np.append(0, np.cumsum(self.right))

    def alike(self, probability: float) -> slice:
        """Return where the signatures are whose first class was most similarly probable."""
        n = max(1, min(_N, int(_SHARE * len(self.right))))
        at = int(np.searchsorted(self.probability, probability))
        begin = min(max(at - n // 2, 0), len(self.right) - n)
        return slice(begin, begin + n)

    def accuracy(self, probability: float) -> float:
        """Return the share of them that was right."""
        return self._accuracy(self.alike(probability))

    def _accuracy(self, mine: slice) -> float:
        right = self._right_before[mine.stop] - self._right_before[mine.start]
        return float(right) / (mine.stop - mine.start)

    @cached_property
    def _sentences(self) -> dict[tuple[int, bool | None, str], str]:
        """What was said, by where the first is of those that it is of: of many queries a few."""
        return {}

    def sentence(
        self, probability: float, *, gaps: bool | None = None, what: str = "signatures"
    ) -> str:
        """Return what is known of held-out signatures whose first class was as probable.

        Parameters
        ----------
        gaps
            Of a query with gaps, whether its probability is as calibrated as theirs; of a whole
            signature None.
        what
            Was held out: signatures or compounds.
        """
        mine = self.alike(probability)
        of = (mine.start, gaps, what)
        if of not in self._sentences:
            n = mine.stop - mine.start
            low, high = self.probability[mine.start], self.probability[mine.stop - 1]
            self._sentences[of] = (
                f"of {'' if gaps is None else 'whole '}held-out {what} this sure (first "
                f"probability {low:.2f} to {high:.2f}), {self._accuracy(mine):.0%} were right "
                f"(n = {n}){_OF_GAPS[gaps]}"
            )
        return self._sentences[of]


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
