"""The models of folds and seeds, and what each one never saw, by their own cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.models.base import ClassModel
from svqvae.models.registry import load_model


class FoldModel(NamedTuple):
    """A model and the fold that it was trained without."""

    #: A number as text, or :data:`svqvae.keys.TEST_FOLD`.
    fold: str
    seed: int
    model: ClassModel


def load_fold_models(cards: Iterable[str | Path]) -> Iterator[FoldModel]:
    """Load models one by one, each with the fold and seed that its card names.

    Parameters
    ----------
    cards
        Their ``model.json``. The model of all data saw all but a predefined test set, and is held
        against that.

    Raises
    ------
    SvqvaeError
        If a card does not say what its model was trained without, as those of models that were
        not trained by the workflow.
    """
    for card in cards:
        model = load_model(Path(card).parent)
        if missing := [key for key in ("fold", "seed") if key not in model.provenance]:
            raise SvqvaeError(
                f"{card}: its provenance has no '{key}'; train the model by the workflow, which "
                "keeps what it was trained without"
                for key in missing
            )
        fold = str(model.provenance["fold"])
        yield FoldModel(
            keys.TEST_FOLD if fold == "all" else fold, int(model.provenance["seed"]), model
        )
