"""Evidence of several signatures, added: against Bayes by hand, and on planted compounds."""

import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import held_out_rows, training_rows
from svqvae.errors import SvqvaeError
from svqvae.models.combined import REPEATED, Combination, fit_repeated, groups_of
from svqvae.models.registry import make_model


def likelihoods(rng, n, k):
    return rng.dirichlet(np.ones(k), n)


def posterior(likelihood, prior):
    joint = likelihood * prior
    return joint / joint.sum(-1, keepdims=True)


def test_independent_signatures_give_the_posterior_with_the_prior_counted_once():
    rng = np.random.default_rng(0)
    prior = np.array([0.7, 0.2, 0.1])
    seen = likelihoods(rng, 6, 3)
    group = np.array([0, 1, 0, 1, 1, 2])
    together = Combination(group, np.log(prior), repeated=0.0)
    # In blocks, as a large set comes.
    for at in (slice(0, 2), slice(2, 6)):
        together.add(at, posterior(seen[at], prior))
    found = np.exp(together.log_probability())
    for one in range(3):
        expected = posterior(seen[group == one].prod(0), prior)
        np.testing.assert_allclose(found[one], expected)
    assert together.n_signatures.tolist() == [2, 3, 1]


def test_one_signature_is_as_it_was_and_copies_of_it_add_less_than_others():
    rng = np.random.default_rng(1)
    prior = np.array([0.5, 0.3, 0.2])
    single = posterior(likelihoods(rng, 1, 3), prior)

    def of(n, repeated=REPEATED):
        together = Combination(np.zeros(n, dtype=int), np.log(prior), repeated=repeated)
        together.add(slice(0, n), np.repeat(single, n, axis=0))
        return np.exp(together.log_probability())[0]

    np.testing.assert_allclose(of(1), single[0])
    assert single.max() < of(2).max() < of(5).max()
    assert of(5, repeated=0.0).max() > of(1000).max()


def noisy(rng, share, *, compounds=4000, signatures=6, k=4):
    """Signatures of compounds: what each says of the classes, by noise that they partly share."""
    label = rng.integers(k, size=compounds)
    own, shared = np.sqrt(1 - share), np.sqrt(share)
    noise = shared * rng.normal(size=(compounds, 1, k)) + own * rng.normal(
        size=(compounds, signatures, k)
    )
    # Evidence of a normal observation of each class's direction, at a mean of 1 and unit noise.
    evidence = (noise + np.eye(k)[label][:, None]).reshape(-1, k)
    probability = np.exp(evidence) / np.exp(evidence).sum(1, keepdims=True)
    compound = np.repeat(np.arange(compounds), signatures)
    return probability, np.zeros(k), np.repeat(label, signatures), compound


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_how_far_signatures_repeat_each_other_is_found(share):
    # n observations whose errors have that correlation are worth n / (1 + (n - 1) share).
    found = fit_repeated(*noisy(np.random.default_rng(2), share))
    assert found == pytest.approx(share, abs=0.1)


def test_too_few_compounds_do_not_tell_and_single_signatures_neither():
    assert fit_repeated(*noisy(np.random.default_rng(3), 0.0, compounds=49)) == REPEATED
    assert fit_repeated(*noisy(np.random.default_rng(3), 0.0, signatures=1)) == REPEATED


def test_a_model_finds_it_by_compounds_that_it_left_out_and_keeps_it(simulated, tmp_path):
    several = simulated.copy()
    # Many compounds of two signatures each: more than it takes to tell.
    several.obs["pert_id"] = (
        several.obs["pert_id"].astype(str) + "-" + several.obs["pert_idose"].astype(str)
    )
    model = make_model(several, preset="class_mean_cosine").train()
    labels, evidence, compound = model.left_out_evidence(seed=0)
    pairs = pd.Series(compound).value_counts()
    assert (pairs > 1).sum() >= 50
    scores = model.calibration.scores(evidence, model.log_size)
    expected = fit_repeated(model.probabilities(scores), model.log_prior(), labels, compound)
    assert model.repeated == expected != REPEATED
    model.save(tmp_path / "model")
    assert type(model).load(tmp_path / "model").repeated == expected


def test_impossible_classes_leave_numbers():
    together = Combination(np.zeros(2, dtype=int), np.zeros(2))
    together.add(slice(0, 2), np.array([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(np.exp(together.log_probability()), [[0.5, 0.5]])


@pytest.mark.parametrize("preset", ["svqvae", "class_mean_cosine"])
def test_a_compound_is_told_better_than_its_signatures(preset, simulated):
    right, of_one = [], []
    for fold in range(5):
        train = simulated[training_rows(simulated.obs, fold)]
        model = make_model(train, preset=preset).train_scores(seed=0)
        part = simulated[held_out_rows(simulated.obs, fold)]
        truth = part.obs.drop_duplicates("pert_id").set_index("pert_id")["class"].astype(str)
        table = model.predict(part, by="pert_id", top=1).set_index("pert_id")
        right += (table["predicted_class"] == truth[table.index]).tolist()
        single = model.predict(part, top=1)["predicted_class"].to_numpy()
        of_one += (single == part.obs["class"].to_numpy()).tolist()
    assert np.mean(right) > np.mean(of_one) + 0.05


def test_columns_are_those_of_predict_with_the_group_and_its_size(simulated):
    model = make_model(simulated, preset="svqvae", epochs=1).train()
    table = model.predict(simulated[:8], by="cell_id", top=3)
    assert list(table) == [
        *("cell_id", "n_signatures", "rank", "predicted_class", "score", "probability")
    ]
    assert table["n_signatures"].tolist() == [4] * 6
    np.testing.assert_allclose(np.log(table["probability"]), table["score"])
    # A group of one is that signature.
    alone = simulated[:1].copy()
    one, single = model.predict(alone, by="pert_id"), model.predict(alone)
    np.testing.assert_allclose(one["probability"], single["probability"], rtol=1e-6)
    assert one["predicted_class"].tolist() == single["predicted_class"].tolist()


def test_signatures_in_any_order_and_any_blocks(simulated, monkeypatch):
    model = make_model(simulated, preset="class_mean_cosine").train()
    whole = model.predict(simulated, by="pert_id").set_index(["pert_id", "predicted_class"])
    order = np.random.default_rng(0).permutation(simulated.n_obs)
    shuffled = model.predict(simulated[order].copy(), by="pert_id")
    shuffled = shuffled.set_index(["pert_id", "predicted_class"]).loc[whole.index]
    np.testing.assert_allclose(shuffled["score"], whole["score"], atol=1e-9)


def test_errors_name_the_column_and_the_signature():
    obs = pd.DataFrame({"pert_id": ["a", None, "b"], "cell_id": "X"}, index=["s1", "s2", "s3"])
    with pytest.raises(SvqvaeError, match="did you mean 'pert_id'"):
        groups_of(obs, "pertid")
    with pytest.raises(SvqvaeError, match="1 of 3 signatures have no value of 'pert_id'.*'s2'"):
        groups_of(obs, "pert_id")
    codes, names = groups_of(obs, "cell_id")
    assert codes.tolist() == [0, 0, 0]
    assert names.tolist() == ["X"]
