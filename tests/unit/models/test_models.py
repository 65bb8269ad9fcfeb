"""Every model and baseline through the one interface."""

import json

import anndata as ad
import numpy as np
import pytest

import svqvae
from svqvae.errors import SvqvaeError
from svqvae.models import presets
from svqvae.models.registry import load_model, make_model

EXPRESSION = [p for p in presets.known() if not p.endswith("_image")]


def quick(adata, preset, seed=0):
    overrides = {"epochs": 3, "lr": 1e-3} if "epochs" in presets.known()[preset] else {}
    return make_model(adata, preset=preset, **overrides).train(seed=seed)


@pytest.fixture(scope="module", params=EXPRESSION)
def trained(request, simulated):
    return quick(simulated, request.param)


def test_shapes_and_names(trained, simulated):
    z = trained.get_latent_representation(simulated)
    classes = trained.classes()
    assert len(z) == simulated.n_obs
    assert classes.shape == (8, simulated.n_vars)
    assert list(classes.obs_names) == sorted(simulated.obs["class"].unique())
    assert classes.obsm["X_code"].shape == (8, z.shape[1])
    assert classes.obs["n_perturbagens"].tolist() == [5] * 8
    assert classes.obs["n_signatures"].tolist() == [20] * 8
    assert np.isfinite(classes.X).all()


def test_prediction_ranks_all_classes_by_score(trained, simulated):
    table = trained.predict(simulated[:9])
    assert len(table) == 9 * 8
    assert table["sig_id"].iloc[::8].tolist() == simulated.obs_names[:9].tolist()
    for _, part in table.groupby("sig_id"):
        assert part["rank"].tolist() == list(range(1, 9))
        assert part["score"].is_monotonic_decreasing
        assert part["probability"].sum() == pytest.approx(1)
    assert len(trained.predict(simulated[:9], top=2)) == 18


def test_genes_may_come_in_any_order_and_number(trained, simulated):
    order = np.random.default_rng(0).permutation(simulated.n_vars)
    extra = ad.AnnData(
        np.c_[simulated.X[:, order], np.ones((simulated.n_obs, 1), np.float32)],
        obs=simulated.obs,
    )
    extra.var_names = [*simulated.var_names[order], "unknown"]
    expected = trained.predict(simulated)["score"].to_numpy()
    np.testing.assert_array_equal(trained.predict(extra)["score"].to_numpy(), expected)


def test_a_missing_gene_is_named(trained, simulated):
    with pytest.raises(SvqvaeError, match=simulated.var_names[3]):
        trained.predict(simulated[:, [0, 1, 2, *range(4, simulated.n_vars)]])


def test_saved_model_is_the_same_without_pickles(trained, simulated, tmp_path):
    trained.save(tmp_path / "m")
    files = [p for p in (tmp_path / "m").rglob("*") if p.is_file()]
    assert {p.suffix for p in files} == {".json", ".safetensors", ".tsv"}
    assert len(files) == 3 * (1 + len(trained.parts()))
    again = load_model(tmp_path / "m")
    assert type(again) is type(trained)
    assert again.settings == trained.settings
    np.testing.assert_array_equal(again.codes, trained.codes)
    assert again.predict(simulated).equals(trained.predict(simulated))
    one, other = (m.simulate(m.class_names[1], 4, seed=2).X for m in (trained, again))
    np.testing.assert_array_equal(one, other)


def test_simulated_signatures_are_drawn_by_seed(trained):
    name = trained.class_names[2]
    one, same, other = (trained.simulate(name, 6, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.X, same.X)
    assert not np.array_equal(one.X, other.X)
    assert one.obs["class"].unique().tolist() == [name]
    with pytest.raises(SvqvaeError, match="did you mean"):
        trained.simulate(name[:-1] + "x", 3)


@pytest.mark.parametrize("preset", EXPRESSION)
def test_same_seed_same_bits(preset, simulated):
    one, same = quick(simulated, preset, seed=4), quick(simulated, preset, seed=4)
    np.testing.assert_array_equal(one.codes, same.codes)
    if preset in ("svqvae", "paper", "vqvae", "vae"):
        # Codes may be solved for rather than trained; what is reconstructed is always trained.
        other, x = quick(simulated, preset, seed=5), np.asarray(simulated.X)
        assert not np.array_equal(one.reconstruct(x), other.reconstruct(x))


def test_supervised_codes_learn_the_classes(simulated):
    model = make_model(simulated, preset="paper", epochs=60, lr=1e-3).train()
    top = model.predict(simulated, top=1)["predicted_class"].to_numpy()
    assert (top == simulated.obs["class"].to_numpy()).mean() > 0.5  # chance: 0.125
    assert model.history["loss"].notna().all()
    assert len(model.history) == 60


def test_class_mean_is_the_mean_and_nearest_is_by_its_metric(simulated):
    x, label = np.asarray(simulated.X), simulated.obs["class"].to_numpy()
    names = np.unique(label)
    means = np.array([x[label == c].mean(0) for c in names])
    for preset, nearness in (
        ("class_mean", -((x[:, None] - means[None]) ** 2).sum(2)),
        (
            "class_mean_cosine",
            (x @ means.T) / np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(means, axis=1)),
        ),
    ):
        model = make_model(simulated, preset=preset).train()
        np.testing.assert_allclose(model.codes, means, atol=1e-5)
        np.testing.assert_allclose(model.evidence_of(x), nearness, rtol=1e-3, atol=1e-3)


def test_image_data_takes_the_convolutional_nets():
    rng = np.random.default_rng(0)
    images = ad.AnnData(rng.uniform(-1, 1, (40, 784)).astype(np.float32))
    images.obs["class"] = np.where(np.arange(40) % 2, "odd", "even")
    images.uns["svqvae"] = {"image_shape": np.array([28, 28])}
    model = svqvae.SVQVAE(images, labels_key="class", preset="paper", epochs=1)
    assert model.preset == "paper_image"
    model.train()
    assert model.get_latent_representation(images).shape == (40, 3200)
    assert model.classes().shape == (2, 784)


def test_new_data_is_clipped_as_the_training_data_was(simulated):
    model = quick(simulated, "paper")
    wild = simulated[:5].copy()
    wild.X = wild.X * 1e6
    clipped = wild.copy()
    clipped.X = np.clip(wild.X, -10, 10)
    np.testing.assert_array_equal(
        model.get_latent_representation(wild), model.get_latent_representation(clipped)
    )


def test_errors_name_column_class_and_value(simulated):
    with pytest.raises(SvqvaeError, match="did you mean 'class'"):
        svqvae.SVQVAE(simulated, labels_key="clas")
    with pytest.raises(SvqvaeError, match="only one class"):
        make_model(simulated[simulated.obs["class"] == "mechanism A1"], preset="class_mean")
    with pytest.raises(SvqvaeError, match="no setting 'epoch'; did you mean 'epochs'"):
        svqvae.SVQVAE(simulated, labels_key="class", preset="paper", epoch=3)
    with pytest.raises(SvqvaeError, match="unknown preset 'papr'; did you mean 'paper'"):
        make_model(simulated, preset="papr")
    with pytest.raises(SvqvaeError, match="no S-VQ-VAE; make it with svqvae.make_model"):
        svqvae.SVQVAE(simulated, labels_key="class", preset="class_mean")
    holes = simulated[:30].copy()
    holes.X[7, 11] = np.nan
    with pytest.raises(SvqvaeError, match=holes.obs_names[7]):
        make_model(holes, preset="class_mean")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(SvqvaeError, match=r"model\.json"):
        load_model(tmp_path)
    (tmp_path / "model.json").write_text(json.dumps({})[:1])
    with pytest.raises(SvqvaeError, match="not a model card"):
        load_model(tmp_path)


def test_damaged_weights_are_named(simulated, tmp_path):
    make_model(simulated, preset="class_mean").train().save(tmp_path)
    whole = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SvqvaeError, match=r"model\.safetensors: missing or damaged"):
        load_model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(SvqvaeError, match=r"model\.safetensors: missing or damaged"):
        load_model(tmp_path)


def test_vqvae_profiles_look_like_the_data(simulated):
    """Its decoder knows only codebook entries; decoding a latent mean would give nonsense."""
    model = make_model(simulated, preset="vqvae", epochs=40, lr=1e-3).train()
    x = np.asarray(simulated.X)
    own = model.decode(model.codes)[[model.class_names.index(c) for c in simulated.obs["class"]]]
    assert ((own - x) ** 2).mean() < 1.2 * (x**2).mean()
    codebook = model.net.codebook.detach().numpy()
    entries = model.net.decoder(model.net.codebook).detach().numpy()
    assert all(np.isclose(p, entries, atol=1e-5).all(1).any() for p in model.decode(model.codes))
    assert len(codebook) == 8


def test_an_untrained_model_says_so(simulated, tmp_path):
    model = make_model(simulated, preset="class_mean")
    for use in (lambda: model.predict(simulated), model.classes, lambda: model.save(tmp_path)):
        with pytest.raises(SvqvaeError, match="call train"):
            use()
    with pytest.raises(SvqvaeError, match="call train"):
        svqvae.SVQVAE(simulated, labels_key="class").predict(simulated)


def test_image_nets_refuse_other_data(simulated):
    with pytest.raises(SvqvaeError, match="these data have 120 columns"):
        make_model(simulated, preset="paper", net="image").train()
