"""scikit-learn's classifiers behind the interface say what scikit-learn says."""

import shutil

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from svqvae.errors import SvqvaeError
from svqvae.models import presets, store
from svqvae.models.baselines._classifier import Classifier
from svqvae.models.registry import classes, load_model, make_model

CLASSIFIERS = [name for name, model in classes().items() if issubclass(model, Classifier)]


def matrix(adata):
    return np.asarray(adata.X, dtype=np.float32)


@pytest.mark.parametrize("preset", [*CLASSIFIERS, "vae_logistic"])
def test_two_classes_are_as_good_as_many(simulated, preset, tmp_path):
    two = simulated[simulated.obs["class"].isin(["mechanism A1", "mechanism B1"])].copy()
    overrides = {"epochs": 20} if preset == "vae_logistic" else {}
    model = make_model(two, preset=preset, **overrides).train()
    scores = model.scores(matrix(two))
    assert scores.shape == (two.n_obs, 2)
    right = np.asarray(model.class_names)[scores.argmax(1)] == two.obs["class"].to_numpy()
    assert right.mean() > 0.8
    model.save(tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).scores(matrix(two)), scores)


@pytest.mark.parametrize("preset", [*CLASSIFIERS, "class_mean_whitened", "vae_logistic"])
def test_scores_do_not_depend_on_the_company(simulated, preset):
    overrides = {"epochs": 3} if preset == "vae_logistic" else {}
    model = make_model(simulated, preset=preset, **overrides).train()
    # Not the training signatures themselves: a neighbour at no distance outvotes all others.
    x = matrix(simulated)[::-1] * 0.5 + matrix(simulated) * 0.5
    np.testing.assert_allclose(model.scores(x[5:6]), model.scores(x)[5:6], rtol=1e-4, atol=1e-5)


def test_the_forest_is_that_of_scikit_learn(simulated):
    model = make_model(simulated, preset="random_forest", trees=20).train(seed=3)
    x, label = matrix(simulated), simulated.obs["class"].to_numpy()
    forest = RandomForestClassifier(20, class_weight="balanced", random_state=3).fit(x, label)
    unseen = x + np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    np.testing.assert_allclose(
        np.exp(model.evidence_of(unseen)) - 0.02, forest.predict_proba(unseen), atol=1e-6
    )


def test_a_forest_saved_before_version_0_3_is_the_same(simulated, tmp_path):
    model = make_model(simulated, preset="random_forest", trees=5).train()
    model.save(tmp_path)
    card, arrays, history = store.load(tmp_path)
    node = np.arange(len(model.right))
    is_leaf = model.right == 0
    arrays["left"] = np.where(is_leaf, node, node + 1)
    arrays["right"] = np.where(is_leaf, node, model.right)
    share = np.zeros((len(node), len(model.class_names)), np.float32)
    share[np.repeat(node[is_leaf], model.holds), model.share_of] = model.share
    arrays["share"], arrays["threshold"] = share, model.threshold.astype(float)
    for name in ("holds", "share_of"):
        del arrays[name]
    store.save(tmp_path, card=card, arrays=arrays, history=history)
    x = matrix(simulated)
    np.testing.assert_array_equal(load_model(tmp_path).scores(x), model.scores(x))


def test_a_forest_saved_with_each_nodes_leaf_is_the_same(simulated, tmp_path):
    model = make_model(simulated, preset="random_forest", trees=5).train()
    model.save(tmp_path)
    card, arrays, history = store.load(tmp_path)
    arrays["leaf"] = (np.cumsum(model.right == 0) - 1).astype(np.int32)
    arrays["share_at"] = np.cumsum([0, *arrays.pop("holds")]).astype(np.int32)
    store.save(tmp_path, card=card, arrays=arrays, history=history)
    x = matrix(simulated)
    np.testing.assert_array_equal(load_model(tmp_path).scores(x), model.scores(x))


def test_a_whitening_saved_with_its_inverse_is_the_same(simulated, tmp_path):
    model = make_model(simulated, preset="class_mean_whitened").train()
    model.save(tmp_path)
    card, arrays, history = store.load(tmp_path)
    arrays["unwhitening"] = np.linalg.inv(model.whitening) * arrays.pop("mean_length")
    store.save(tmp_path, card=card, arrays=arrays, history=history)
    again, x = load_model(tmp_path), matrix(simulated)
    np.testing.assert_array_equal(again.scores(x), model.scores(x))
    np.testing.assert_allclose(again.reconstruct(x), model.reconstruct(x), rtol=1e-3, atol=1e-4)


def test_a_network_saved_before_version_0_3_is_the_same(simulated, tmp_path):
    model = make_model(simulated, preset="vae_logistic", epochs=3, hidden=6, latent=4).train()
    model.save(tmp_path)
    card, arrays, history = store.load(tmp_path)
    arrays |= {f"network.{k}": v for k, v in model.network._state().items()}
    del card["parts"]
    shutil.rmtree(tmp_path / "network")
    store.save(tmp_path, card=card, arrays=arrays, history=history)
    again, x = load_model(tmp_path), matrix(simulated)
    np.testing.assert_array_equal(again.scores(x), model.scores(x))
    np.testing.assert_array_equal(again.reconstruct(x), model.reconstruct(x))
    np.testing.assert_allclose(again.network.latent_sd, model.network.latent_sd, rtol=1e-5)
    again.save(tmp_path / "again")
    np.testing.assert_array_equal(load_model(tmp_path / "again").scores(x), model.scores(x))


def test_the_network_of_a_loaded_model_is_saved_once(simulated, tmp_path):
    settings = {"epochs": 3, "hidden": 6, "latent": 4}
    make_model(simulated, preset="vae", **settings).train().save(tmp_path / "vae")
    model = make_model(simulated, preset="vae_logistic", **settings)
    model.begin_with(load_model(tmp_path / "vae"))
    model.train().save(tmp_path / "logistic")
    for name in ("model.json", "model.safetensors", "history.tsv"):
        one, other = tmp_path / "vae" / name, tmp_path / "logistic" / "network" / name
        assert one.stat().st_ino == other.stat().st_ino
    assert load_model(tmp_path / "logistic").network.preset == "vae"


def test_a_network_that_is_gone_or_of_another_model_is_refused(simulated, tmp_path):
    settings = {"epochs": 1, "hidden": 6, "latent": 4}
    for seed in (0, 1):
        model = make_model(simulated, preset="vae_logistic", **settings).train(seed=seed)
        model.save(tmp_path / str(seed))
    shutil.rmtree(tmp_path / "0" / "network")
    with pytest.raises(SvqvaeError, match=r"network/model\.json: missing, or of another model"):
        load_model(tmp_path / "0")
    shutil.copytree(tmp_path / "1" / "network", tmp_path / "0" / "network")
    with pytest.raises(SvqvaeError, match=r"network/model\.json: missing, or of another model"):
        load_model(tmp_path / "0")


def test_pca_lda_is_the_pipeline(simulated):
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline

    model = make_model(simulated, preset="pca_lda", components=12).train()
    rows, label = model.latent(matrix(simulated)), simulated.obs["class"].to_numpy()
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    pipeline = make_pipeline(PCA(12, random_state=0), lda).fit(rows, label)
    expected = pipeline.decision_function(rows)
    np.testing.assert_allclose(model.evidence_of(matrix(simulated)), expected, rtol=1e-3, atol=1e-3)


def test_whitened_means_are_the_plain_computation(simulated):
    model = make_model(simulated, preset="class_mean_whitened", shrinkage=0.4).train()
    x = matrix(simulated).astype(float)
    label = simulated.obs["class"].to_numpy()
    names = np.unique(label)

    def unit(v):
        return v / np.linalg.norm(v, axis=1, keepdims=True)

    rows = unit(x)
    centred = (
        rows - np.array([rows[label == c].mean(0) for c in names])[np.searchsorted(names, label)]
    )
    within = centred.T @ centred / (len(x) - len(names))
    target = np.trace(within) / len(within)
    value, vector = np.linalg.eigh(0.6 * within + 0.4 * target * np.eye(len(within)))
    z = unit(rows @ (vector / np.sqrt(value)) @ vector.T)
    means = np.array([z[label == c].mean(0) for c in names])
    np.testing.assert_allclose(model.evidence_of(matrix(simulated)), z @ unit(means).T, atol=1e-4)
    # A profile decoded from a code points where the class mean points.
    profile = model.decode(model.codes)
    expected = unit(np.array([x[label == c].mean(0) for c in names]))
    assert (unit(profile) * expected).sum(1).min() > 0.9


@pytest.mark.parametrize(("per_class", "shrinkage"), [(1, 0.6), (2, 0.0)])
def test_whitening_survives_too_few_signatures(simulated, per_class, shrinkage):
    few = simulated[simulated.obs.groupby("class").cumcount().to_numpy() < per_class].copy()
    model = make_model(few, preset="class_mean_whitened", shrinkage=shrinkage).train()
    own = np.asarray(model.class_names)[model.scores(matrix(few)).argmax(1)]
    assert np.isfinite(model.scores(matrix(few))).all()
    assert np.isfinite(model.classes().X).all()
    assert (own == few.obs["class"].to_numpy()).all()


def test_each_preset_takes_its_own_settings_only(simulated):
    with pytest.raises(SvqvaeError, match="no setting 'neighbors'; did you mean 'neighbours'"):
        make_model(simulated, preset="knn", neighbors=3)
    with pytest.raises(SvqvaeError, match="no setting 'trees'"):
        make_model(simulated, preset="lda", trees=3)
    with pytest.raises(SvqvaeError, match="'C' is -1"):
        make_model(simulated, preset="linear_svm", C=-1)
    assert not any(presets.has_codes(p) for p in CLASSIFIERS)
    assert presets.has_codes("class_mean_whitened")
