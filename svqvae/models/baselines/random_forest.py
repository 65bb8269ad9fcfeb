"""Random forest, saved as the arrays of its trees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import UnscaledClassifier, log_share
from svqvae.models.settings import ModelSettings, units

#: Trees of the forest that calibration asks, of signatures that it was not grown on.
_LEFT_OUT_TREES = 50


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    trees: int = units(500)


class RandomForest(UnscaledClassifier):
    """scikit-learn's RandomForestClassifier, balanced; it sees the signatures as they are."""

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"random_forest": {}}
    role = "baseline"
    parts_left_out = 1

    # A value each for every node, every leaf (how many classes it holds), every class that a leaf
    # holds and its share, and every tree.
    arrays = ("right", "feature", "threshold", "holds", "share_of", "share", "root")
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    holds: np.ndarray
    share_of: np.ndarray
    share: np.ndarray
    root: np.ndarray

    def of_rows(self, known: np.ndarray) -> Self:
        part = super().of_rows(known)
        part.settings = replace(self.settings, trees=min(self.settings.trees, _LEFT_OUT_TREES))
        return part

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            self.settings.trees, class_weight="balanced", random_state=seed
        ).fit(x, label)
        trees = [tree.tree_ for tree in forest.estimators_]
        sizes = [tree.node_count for tree in trees]
        self.root = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
        # Nodes stand depth first: a left child is the next one. A leaf has no right child, 0.
        right = [
            np.where(t.children_right < 0, 0, t.children_right + start)
            for t, start in zip(trees, self.root, strict=True)
        ]
        self.right = np.concatenate(right).astype(np.int32)
        self.feature = _narrow(np.maximum(np.concatenate([t.feature for t in trees]), 0))
        self.threshold = _as_float32(np.concatenate([t.threshold for t in trees]))
        # Of leaves alone, and of the few classes that each holds: forests are large.
        is_leaf = self.right == 0
        value = np.concatenate([t.value[:, 0] for t in trees])[is_leaf]
        share = (value / value.sum(1, keepdims=True)).astype(np.float32)
        for name, array in _leaves(share).items():
            setattr(self, name, array)

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        """Return the log of the mean over trees of the class shares in a signature's leaf."""
        from scipy.sparse import csr_array

        row, leaf = np.arange(len(x)), np.cumsum(self.right == 0) - 1
        begins = np.cumsum([0, *self.holds])
        shares = csr_array(
            (self.share, self.share_of.astype(begins.dtype), begins),
            shape=(len(self.holds), len(self.class_names)),
        )
        total = np.zeros((len(x), len(self.class_names)))
        for root in self.root:
            node = np.full(len(x), root)
            while (inner := self.right[node] > 0).any():
                goes_right = x[row, self.feature[node]] > self.threshold[node]
                below = np.where(goes_right, self.right[node], node + 1)
                node = np.where(inner, below, node)
            total += shares[leaf[node]].toarray()
        return log_share(total / len(self.root))

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        super()._set_state(state)
        sizes = {len(getattr(self, name)) for name in ("right", "feature", "threshold")}
        n_leaves, n_shares = int((self.right == 0).sum()), int(self.holds.sum(dtype=np.int64))
        if len(sizes) > 1 or len(self.holds) != n_leaves:
            raise ValueError(f"nodes: {sorted(sizes)}, leaves: {len(self.holds)}")
        if {len(self.share), len(self.share_of)} != {n_shares}:
            raise ValueError(f"shares: {len(self.share)}, expected {n_shares}")

    def modernise(self, state: dict[str, np.ndarray]) -> None:
        # Before version 0.3: a row of shares for every node, and both children of each.
        if "left" in state:
            right = state["right"]
            is_leaf = right == np.arange(len(right))
            state |= _leaves(state["share"][is_leaf])
            state["right"] = np.where(is_leaf, 0, right)
            state["threshold"] = _as_float32(state["threshold"])
            del state["left"]
        # Then for a while: where the shares of each leaf begin, and each node's leaf.
        if "share_at" in state:
            state["holds"] = np.diff(state.pop("share_at"))
            del state["leaf"]


def _leaves(share: np.ndarray) -> dict[str, np.ndarray]:
    """Return of each leaf, a row of shares, how many classes it holds, which, and their shares."""
    held = share != 0
    return {
        "holds": _narrow(held.sum(1)),
        "share_of": _narrow(np.nonzero(held)[1]),
        "share": share[held],
    }


def _narrow(counts: np.ndarray) -> np.ndarray:
    """Return counts in the smallest type that holds them: there is one for each of many nodes."""
    return counts.astype(np.min_scalar_type(counts.max(initial=0)))


def _as_float32(threshold: np.ndarray) -> np.ndarray:
    """Return the largest float32 not above each value, which parts float32 in the same way."""
    nearest = threshold.astype(np.float32)
    below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > threshold, below, nearest)
