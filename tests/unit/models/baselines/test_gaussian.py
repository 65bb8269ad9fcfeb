"""The class-conditional Gaussian: densities, what it draws, and what it saves."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from svqvae.models.registry import load_model, make_model


@pytest.fixture(scope="module")
def model(simulated):
    return make_model(simulated, preset="gaussian").train()


def covariance(model):
    lower = model._cholesky.astype(float)
    return lower @ lower.T


def test_scores_are_log_densities_up_to_a_constant(model, simulated):
    x = simulated.X[:20].astype(float)
    density = np.stack(
        [multivariate_normal(m, covariance(model)).logpdf(x) for m in model.codes.astype(float)], 1
    )
    difference = model.evidence_of(x) - density
    assert difference == pytest.approx(np.full_like(difference, difference[0, 0]), abs=1e-3)


def test_it_classifies_as_a_shrunk_linear_discriminant_does(model, simulated):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    names = model.class_names
    prior = np.full(len(names), 1 / len(names))
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=prior)
    expected = lda.fit(simulated.X, simulated.obs["class"]).predict(simulated.X)
    found = model.predict(simulated, top=1)["predicted_class"].to_numpy()
    assert (found == expected).mean() > 0.97


def test_what_it_draws_has_its_mean_and_covariance(model):
    name = model.class_names[2]
    x = model.simulate(name, 20_000, seed=1).X.astype(float)
    assert x.mean(0) == pytest.approx(model.codes[2], abs=0.12)
    found, wanted = np.cov(x.T), covariance(model)
    scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert np.abs((found - wanted) / scale).max() < 0.06


def test_covariance_is_within_classes_and_not_too_small(simulated):
    rng = np.random.default_rng(0)
    data = simulated.copy()
    # Two signatures a class: residuals from the own mean have half the variance.
    data = data[data.obs.groupby("class", observed=True).head(2).index].copy()
    shift = np.where(np.arange(data.n_vars) % 2, 3, -3).astype(np.float32)
    data.X = rng.standard_normal(data.shape).astype(np.float32) + shift
    found = make_model(data, preset="gaussian").train()
    assert np.diag(covariance(found)).mean() == pytest.approx(1, abs=0.1)


def test_the_seed_decides_and_values_stay_within_the_clip(model):
    name = model.class_names[0]
    one, same, other = (model.simulate(name, 50, seed=s).X for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.abs(one).max() <= model.clip


def test_one_signature_a_class_is_enough(simulated):
    single = simulated[simulated.obs.groupby("class", observed=True).head(1).index].copy()
    found = make_model(single, preset="gaussian").train()
    assert np.isfinite(found.scores(single.X)).all()
    assert np.isfinite(found.simulate(found.class_names[0], 3).X).all()


def test_a_saved_model_scores_and_draws_the_same(model, simulated, tmp_path):
    model.save(tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    assert np.array_equal(loaded.scores(simulated.X[:9]), model.scores(simulated.X[:9]))
    name = model.class_names[1]
    assert np.array_equal(loaded.simulate(name, 4).X, model.simulate(name, 4).X)
    assert not list((tmp_path / "m").rglob("*.pkl"))
