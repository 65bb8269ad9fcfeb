"""Linear support vector machine, one class against the rest, weighted to count alike."""

from __future__ import annotations

from typing import Any

from svqvae.models.baselines._classifier import LinearClassifier

KIND = "linear_svm"
ROLE = "baseline"
HAS_CODES = False
#: Of 1e-5 to 1, best on average over held-out compounds of simulated and consensus data; on
#: consensus data alone 1e-4 has the better balanced accuracy, by less than 0.01.
PRESETS: dict[str, dict[str, Any]] = {"linear_svm": {"kind": KIND, "C": 3e-4}}


class LinearSVM(LinearClassifier):
    """scikit-learn's LinearSVC, balanced; ``C`` is its inverse penalty."""

    def estimator(self, seed: int) -> Any:
        from sklearn.svm import LinearSVC

        return LinearSVC(C=self.settings["C"], class_weight="balanced", random_state=seed)


MODEL = LinearSVM
