"""What is real passes, what is not is found out, and neighbours are of the right class."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import training_rows
from svqvae.models.baselines.class_mean import ClassMean
from svqvae.tl.evaluation import two_sample
from svqvae.tl.evaluation.realism import COLUMNS, QUANTITIES, realism

FOLDS = 3


class Planted(ClassMean):
    """Knows how the signatures of :func:`draw` came about; ``offset`` is its one mistake."""

    offset = 0.0

    def _draw(self, at, n, rng):
        return draw(rng, np.full(n, at)) + self.offset


class Copying(ClassMean):
    """Draws training signatures of the class."""

    def _draw(self, at, n, rng):
        return self._x[rng.choice(np.flatnonzero(self._y == at), n, replace=False)]


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(two_sample, "TREES", 40)
        patch.setattr(two_sample, "PARTS", 3)
        yield


def draw(rng, klass, *, apart=4.0, genes=30):
    """Draw heavy-tailed signatures of different strength around well separated class means."""
    means = apart * np.random.default_rng(5).standard_normal((10, genes))
    strength = np.exp(0.3 * rng.standard_normal((len(klass), 1)))
    return (strength * (means[klass] + rng.standard_t(5, (len(klass), genes)))).astype(np.float32)


def signatures(*, classes=3, compounds=24, apart=4.0, seed=0):
    klass = np.repeat(np.arange(classes), compounds * 2)
    x = draw(np.random.default_rng(seed), klass, apart=apart)
    pert = np.arange(len(klass)) // 2
    obs = pd.DataFrame(
        {"class": [f"c{k}" for k in klass], "pert_id": [f"p{p}" for p in pert]},
        index=[f"s{i}" for i in range(len(klass))],
    )
    obs["fold"] = pert % FOLDS
    return ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"g{i}" for i in range(x.shape[1])]))


def fitted(adata, kind, folds=range(FOLDS)):
    return {f: kind(adata[training_rows(adata.obs, f)], preset="class_mean").train() for f in folds}


def pooled(table):
    return table[table["class"] == "all"].set_index("quantity")


@pytest.fixture(scope="module")
def data():
    return signatures()


@pytest.fixture(scope="module")
def perfect(data):
    return realism(fitted(data, Planted), data, draws=100)


def test_signatures_drawn_as_the_real_ones_are_indistinguishable(perfect):
    auc = pooled(perfect).loc["auc"]
    assert auc["value"] == pytest.approx(0.5, abs=0.08)
    assert auc["ci_low"] < auc["value"] < auc["ci_high"]


def test_resampled_training_signatures_are_indistinguishable_from_real_ones(data):
    table = pooled(realism(fitted(data, Copying), data, rounds=2, draws=100))
    assert table.loc["auc", "value"] == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("offset", [1.5, -1.5])
def test_an_offset_is_found_out(data, offset):
    models = fitted(data, Planted)
    for model in models.values():
        model.offset = offset
    assert pooled(realism(models, data, rounds=1, draws=100)).loc["auc", "value"] > 0.97


def test_a_simulator_without_spread_is_found_out(data):
    models = fitted(data, ClassMean)
    for model in models.values():
        model.latent_sd = model.latent_sd * 0.3
    assert pooled(realism(models, data, rounds=1, draws=100)).loc["auc", "value"] > 0.95


def test_neighbours_of_separated_classes_are_of_the_class(perfect):
    table = pooled(perfect)
    assert table.loc["nearest_class", "value"] == 1
    assert table.loc["nearest_class_real", "value"] == 1


def test_neighbours_without_classes_in_the_data_are_as_chance_has_them():
    data = signatures(apart=0.0)
    table = pooled(realism(fitted(data, Planted), data, rounds=1, draws=100))
    assert table.loc["nearest_class", "value"] == pytest.approx(1 / 3, abs=0.12)
    assert table.loc["nearest_class_real", "value"] == pytest.approx(1 / 3, abs=0.12)


def test_every_class_and_quantity_has_a_row(perfect, data):
    assert list(perfect.columns) == COLUMNS
    assert set(perfect["quantity"]) == set(QUANTITIES)
    assert set(perfect["class"]) == {"all", "c0", "c1", "c2"}
    assert pooled(perfect).loc["auc", "n_real"] == data.n_obs
    assert (perfect["ci_low"] <= perfect["ci_high"]).all()


def test_a_class_may_be_called_all(data):
    named = data.copy()
    named.obs["class"] = named.obs["class"].replace("c1", "all")
    counts = realism(fitted(named, Planted), named, rounds=1, draws=100)
    expected = realism(fitted(data, Planted), data, rounds=1, draws=100)
    found = counts[counts["quantity"] == "auc"].set_index("class")
    one = expected[expected["quantity"] == "auc"].set_index("class").loc["c1"]
    # First over all classes, then the class of that name.
    for column in ("n_real", "n_simulated"):
        assert list(found.loc["all", column]) == [
            expected[column].iloc[0],
            one[column],
        ]


def test_the_seed_decides(data):
    models = fitted(data, Planted)
    one, same, other = (realism(models, data, rounds=1, draws=100, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)


def test_a_predefined_test_set_is_evaluated_by_itself(data):
    test = data.copy()
    test.obs["fold"] = np.where(data.obs["fold"] == 0, -2, -1)
    table = pooled(realism(fitted(test, Planted, ["test"]), test, rounds=2, draws=100))
    assert table.loc["auc", "n_real"] == (test.obs["fold"] == -2).sum()
    assert table.loc["auc", "value"] == pytest.approx(0.5, abs=0.12)


def test_no_more_than_the_limit_is_evaluated_and_small_classes_are_kept_whole(data):
    # Of the first class 12 signatures, of the others all 48.
    small = data[np.r_[0:12, 48:144]].copy()
    models = fitted(small, Planted)
    table = realism(models, small, limit=60, rounds=1, draws=100).set_index(["class", "quantity"])
    assert table.loc[("all", "auc"), "n_real"] == 60
    assert table.loc[("c0", "auc"), "n_real"] == (small.obs["class"] == "c0").sum()


def test_auc_is_that_of_scikit_learn_ties_and_weights_included():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    real, simulated = rng.integers(0, 6, 40) / 6, rng.integers(2, 8, 30) / 6
    w_real, w_simulated = rng.integers(0, 3, (4, 40)), rng.integers(0, 3, (4, 30))
    truth = np.repeat([0, 1], [40, 30])
    expected = [
        roc_auc_score(truth, np.r_[real, simulated], sample_weight=np.r_[a, b])
        for a, b in zip(w_real, w_simulated, strict=True)
    ]
    found = two_sample.weighted_auc(
        real, simulated, w_real.astype(float), w_simulated.astype(float)
    )
    assert found == pytest.approx(expected)


def test_compounds_are_never_in_two_parts():
    group = np.random.default_rng(0).integers(0, 17, 200)
    part = two_sample.parts_of(group, seed=3)
    assert (pd.Series(part).groupby(group).nunique() == 1).all()
    assert len(set(part)) == two_sample.PARTS
    assert len(set(two_sample.parts_of(np.array(["a", "b", "a"]), seed=0))) == 2


def test_a_signature_of_two_classes_is_a_neighbour_of_both():
    to, klass = np.array([[1.0, 0], [1.0, 0], [0, 1.0]]), np.array(["a", "b", "c"])
    x = np.array([[2.0, 0.1], [2.0, 0.1], [2.0, 0.1]])
    found = two_sample.nearest_is_own(x, np.array(["a", "b", "c"]), to, klass)
    assert list(found) == [1, 1, 0]
