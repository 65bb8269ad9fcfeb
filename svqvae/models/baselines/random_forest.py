"""Random forest, saved as the arrays of its trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import Classifier, log_share
from svqvae.models.settings import ModelSettings, units


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    trees: int = units(500)


class RandomForest(Classifier):
    """scikit-learn's RandomForestClassifier, balanced; it sees the signatures as they are."""

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"random_forest": {}}
    role = "baseline"

    arrays = ("left", "right", "feature", "threshold", "share", "root")
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    share: np.ndarray
    root: np.ndarray

    def latent(self, x: np.ndarray) -> np.ndarray:
        return x

    def decode(self, z: np.ndarray) -> np.ndarray:
        return z

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            self.settings.trees, class_weight="balanced", random_state=seed
        ).fit(x, label)
        trees = [tree.tree_ for tree in forest.estimators_]
        sizes = [tree.node_count for tree in trees]
        self.root = np.cumsum([0, *sizes[:-1]])
        # Children count from 0 within their tree; a leaf is its own child, so that going on
        # from it changes nothing.
        at = [np.arange(n) + start for n, start in zip(sizes, self.root, strict=True)]
        for side, children in (("left", "children_left"), ("right", "children_right")):
            moved = [
                np.where((child := getattr(t, children)) < 0, here, child + start)
                for t, here, start in zip(trees, at, self.root, strict=True)
            ]
            setattr(self, side, np.concatenate(moved))
        self.feature = np.maximum(np.concatenate([t.feature for t in trees]), 0)
        self.threshold = np.concatenate([t.threshold for t in trees])
        value = np.concatenate([t.value[:, 0] for t in trees])
        self.share = (value / value.sum(1, keepdims=True)).astype(np.float32)

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return the log of the mean over trees of the class shares in a signature's leaf."""
        row = np.arange(len(x))
        total = np.zeros((len(x), len(self.class_names)))
        for root in self.root:
            node = np.full(len(x), root)
            while True:
                right = x[row, self.feature[node]] > self.threshold[node]
                below = np.where(right, self.right[node], self.left[node])
                if (below == node).all():
                    break
                node = below
            total += self.share[node]
        return log_share(total / len(self.root))
