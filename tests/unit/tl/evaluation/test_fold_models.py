"""Models of folds say by their own cards what they never saw."""

import pytest

from svqvae.errors import SvqvaeError
from svqvae.models.registry import make_model
from svqvae.tl.evaluation.fold_models import load_fold_models


@pytest.fixture
def saved(simulated, tmp_path):
    """Save a model whose card holds a provenance; return its card."""
    model = make_model(simulated, preset="class_mean").train(seed=3)

    def save(**provenance):
        folder = tmp_path / "-".join(["model", *map(str, provenance.values())])
        model.provenance = {"version": "0", **provenance}
        model.save(folder)
        return folder / "model.json"

    return save


def test_fold_and_seed_are_those_of_the_card(saved):
    cards = [saved(fold="2", seed=0), saved(fold="2", seed=1), saved(fold="test", seed=0)]
    found = [(m.fold, m.seed) for m in load_fold_models(cards)]
    assert found == [("2", 0), ("2", 1), ("test", 0)]


def test_the_model_of_all_data_is_held_against_the_predefined_test_set(saved):
    (only,) = load_fold_models([saved(fold="all", seed=0)])
    assert only.fold == "test"
    assert only.model.codes.shape[0] == 8


def test_a_model_that_was_not_trained_by_the_workflow_is_refused(saved):
    with pytest.raises(SvqvaeError, match=r"model\.json: its provenance has no 'fold'"):
        list(load_fold_models([saved(seed=0)]))
