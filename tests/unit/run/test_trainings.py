"""Trainings of one job: what is done survives a kill, and is moved into place as a whole."""

import logging

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import training_rows
from svqvae.models.registry import load_model, make_model
from svqvae.models.store import read_card
from svqvae.run import trainings
from svqvae.run.trainings import Training, train_all

CARD = {"device": "cpu", "dataset": "d", "threads": 1, "code": "c"}


@pytest.fixture
def adata(tmp_path):
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"class": np.repeat(["a", "b"], 12), "fold": np.tile([0, 1, 2], 8)})
    obs["pert_id"] = [f"p{i}" for i in range(24)]
    obs.index = [f"s{i}" for i in range(24)]
    uns = {"svqvae": {"group": "pert_id", "source": {"signatures": "x.gctx"}}}
    x = rng.standard_normal((24, 6)).astype(np.float32)
    path = tmp_path / "signatures.h5ad"
    ad.AnnData(x, obs=obs, uns=uns).write_h5ad(path)
    return ad.read_h5ad(path, backed="r")


def three(tmp_path, **more):
    runs = [("0", 0), ("1", 0), ("all", 0)]
    return [
        Training(fold=fold, seed=seed, folder=str(tmp_path / "m" / fold), **more)
        for fold, seed in runs
    ]


def run(adata, tmp_path, jobs, *, preset="lda", **card):
    settings = {"preset": preset} | card.pop("settings", {})
    card = CARD | card
    train_all(adata, jobs, settings=settings, unfinished=tmp_path / "m" / ".training", **card)


def test_each_model_is_that_of_its_fold(adata, tmp_path):
    run(adata, tmp_path, three(tmp_path))
    for fold in ("0", "1", "all"):
        part = adata[training_rows(adata.obs, fold)]
        alone = make_model(part.to_memory(), preset="lda").train()
        found = load_model(tmp_path / "m" / fold)
        np.testing.assert_array_equal(found.codes, alone.codes)
        assert read_card(tmp_path / "m" / fold)["provenance"]["fold"] == fold
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"0", "1", "all"}
    files = {p.name for p in (tmp_path / "m" / "0").iterdir()}
    assert files == {"model.json", "model.safetensors", "history.tsv"}


@pytest.fixture
def killed(adata, tmp_path, monkeypatch):
    """A job that was killed in its third training."""

    def dies(*args, **kwargs):
        if len(list((tmp_path / "m" / ".training").glob("*/identity.json"))) == 2:
            raise KeyboardInterrupt
        return make_model(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(trainings, "make_model", dies)
        with pytest.raises(KeyboardInterrupt):
            run(adata, tmp_path, three(tmp_path))
    assert not (tmp_path / "m" / "0").exists()
    return tmp_path / "m" / ".training"


def trained(adata, tmp_path, caplog, **card):
    """Folds that a job trains anew."""
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="svqvae"):
        run(adata, tmp_path, three(tmp_path), **card)
    assert not (tmp_path / "m" / ".training").exists()
    return [r.message[5:].split(",")[0] for r in caplog.records if "signatures" in r.message]


def test_what_was_trained_before_a_kill_is_not_trained_again(adata, tmp_path, killed, caplog):
    assert trained(adata, tmp_path, caplog) == ["all"]
    assert len(load_model(tmp_path / "m" / "0").class_names) == 2


@pytest.mark.parametrize(
    "changed", [{"code": "other"}, {"settings": {"shrinkage": 0.5}}, {"preset": "class_mean"}]
)
def test_by_other_code_or_settings_all_is_trained(adata, tmp_path, killed, caplog, changed):
    if "settings" in changed:
        changed |= {"preset": "class_mean_whitened"}
    assert trained(adata, tmp_path, caplog, **changed) == ["0", "1", "all"]


def test_of_other_signatures_all_is_trained(adata, tmp_path, killed, caplog):
    other = adata.to_memory()
    adata.file.close()
    other.X[0, 0] += 1
    other.write_h5ad(tmp_path / "signatures.h5ad")
    again = ad.read_h5ad(tmp_path / "signatures.h5ad", backed="r")
    assert trained(again, tmp_path, caplog) == ["0", "1", "all"]


def test_a_half_written_model_is_trained_again(adata, tmp_path, killed, caplog):
    (killed / "1-seed0" / "identity.json").unlink()
    assert trained(adata, tmp_path, caplog) == ["1", "all"]


def test_a_model_that_begins_with_another_is_as_if_it_had_trained_both(adata, tmp_path):
    settings = {"epochs": 2, "hidden": 5, "latent": 3}
    run(adata, tmp_path / "vae", three(tmp_path / "vae"), preset="vae", settings=settings)
    begun = [
        Training(
            fold=one.fold,
            seed=0,
            folder=str(tmp_path / "begun" / one.fold),
            begin_with=one.folder,
        )
        for one in three(tmp_path / "vae")
    ]
    for folder, jobs in (("begun", begun), ("alone", three(tmp_path / "alone"))):
        run(adata, tmp_path / folder, jobs, preset="vae_logistic", settings=settings)
    for fold in ("0", "1", "all"):
        begun_one = load_model(tmp_path / "begun" / fold)
        alone = load_model(tmp_path / "alone" / "m" / fold)
        for name, array in alone._state().items():
            np.testing.assert_array_equal(begun_one._state()[name], array, err_msg=name)
        assert begun_one.history.equals(alone.history)


def test_begun_with_other_weights_it_is_trained_again(adata, tmp_path, caplog):
    settings = {"epochs": 2, "hidden": 5, "latent": 3}
    run(adata, tmp_path / "vae", three(tmp_path / "vae"), preset="vae", settings=settings)
    base = str(tmp_path / "vae" / "m" / "0")
    one = Training(fold="0", seed=0, folder=str(tmp_path / "x"), begin_with=base)
    first = trainings._identity(one, {}, adata)
    other = make_model(adata.to_memory(), preset="vae", **settings).train(seed=1)
    other.save(base)
    assert trainings._identity(one, {}, adata) != first
