"""Nothing of a held-out compound reaches what is fitted."""

import logging
import runpy
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae import keys
from svqvae.data.split import assign_parts, held_out_rows, training_rows
from svqvae.models import presets, saved
from svqvae.models.calibrated import PARTS, CalibratedModel
from svqvae.models.registry import load_model, make_model
from svqvae.pp.preprocess import preprocess
from svqvae.pp.simulation import Simulation, write_simulated
from svqvae.pp.source import make_source
from svqvae.tl.evaluation import novelty
from svqvae.tl.evaluation.evaluate import score_held_out
from svqvae.tl.genes.gene_ranks import drug_similarities
from svqvae.tl.relations.similarity import held_out_similarity


class Named(list):
    """What Snakemake hands to a script: values by position and by name."""

    def __init__(self, positional=(), *, fromdict=()):
        super().__init__([*positional, *dict(fromdict).values()])
        self.__dict__.update(fromdict)

    def get(self, name, default=None):
        return getattr(self, name, default)


EXPRESSION = [p for p in presets.known() if not p.endswith("_image")]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A preprocessed set in which every class has a compound under two ids, by name or InChIKey."""
    folder = tmp_path_factory.mktemp("planted")
    write_simulated(
        folder,
        Simulation(
            groups=2,
            classes_per_group=2,
            compounds_per_class=6,
            cell_lines=2,
            doses=1,
            landmark_genes=40,
            inferred_genes=0,
            unlabelled_compounds=0,
        ),
    )
    info = pd.read_csv(folder / "sig_info.txt", sep="\t")
    ids = sorted(info["pert_id"].unique())
    # Compounds are listed class by class, six each: the first two of each are made one.
    twins = [(ids[i], ids[i + 1], "pert_iname" if i % 12 else "inchi_key") for i in range(0, 24, 6)]
    info["inchi_key"] = [f"{i:014d}-UHFFFAOYSA-N" for i in info["pert_id"].str[-6:].astype(int)]
    info["inchi_key"] = "ABCDEFGH" + info["inchi_key"].str.replace(r"\\d", "", regex=True)
    letters = str.maketrans("0123456789", "ABCDEFGHIJ")
    info["inchi_key"] = [f"{p[-8:].translate(letters)}ABCDEF-UHFFFAOYSA-N" for p in info["pert_id"]]
    for one, other, by in twins:
        same = info.loc[info["pert_id"] == one, by].iloc[0]
        info.loc[info["pert_id"] == other, by] = same
    info.to_csv(folder / "sig_info.txt", sep="\t", index=False)
    files = {
        "signatures": folder / "signatures.gctx",
        "sig_info": folder / "sig_info.txt",
        "gene_info": folder / "gene_info.txt",
    }
    adata = preprocess(
        make_source("gctx", files),
        labels={"key": "moa", "table": folder / "pert_info.txt"},
        filters={},
        split={"folds": 5},
        clip=10.0,
    )
    return adata, [(one, other) for one, other, _ in twins]


def test_no_compound_is_on_both_sides_under_any_id(planted):
    adata, twins = planted
    obs = adata.obs
    for fold in range(5):
        train, test = obs[training_rows(obs, fold)], obs[held_out_rows(obs, fold)]
        assert len(train) + len(test) == len(obs)
        assert not set(train["pert_id"]) & set(test["pert_id"])
        for one, other in twins:
            sides = {pert in set(test["pert_id"]) for pert in (one, other)}
            assert len(sides) == 1, (one, other)
    fold_of = obs.groupby("pert_id", observed=True)["fold"].unique()
    assert all(fold_of[a] == fold_of[b] for a, b in twins)


def test_the_inner_parts_keep_compounds_whole_too(planted):
    adata, twins = planted
    compound = pd.factorize(adata.obs["compound"].astype(str))[0]
    label = pd.factorize(adata.obs["class"].astype(str))[0]
    part = pd.Series(assign_parts(compound, label, parts=5, seed=0), index=adata.obs["pert_id"])
    assert (part.groupby(level=0, observed=True).nunique() == 1).all()
    assert all(part[a].iloc[0] == part[b].iloc[0] for a, b in twins)


def quick(preset):
    if preset == "random_forest":
        return {"trees": 10}
    return {"epochs": 2} if "epochs" in presets.known()[preset] else {}


def garbled(adata, rows, seed=0):
    """A copy in which some rows are noise, of other genes and another strength."""
    changed = adata.copy()
    noise = np.random.default_rng(seed).uniform(-9, 9, (rows.sum(), adata.n_vars))
    changed.X[rows] = noise.astype(np.float32)
    return changed


@pytest.fixture
def train_script(repository, monkeypatch, tmp_path):
    """Run workflow/scripts/train.py on a whole data set, as its rule does; return the model."""
    monkeypatch.syspath_prepend(str(repository / "workflow" / "scripts"))
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
        monkeypatch.setenv(f"{name}_NUM_THREADS", "1")
    loggers = [logging.getLogger(name) for name in ("svqvae", "py.warnings")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]

    def run(adata, name, *, preset, fold):
        folder = tmp_path / name
        folder.mkdir()
        whole = adata.copy()
        whole.uns[keys.UNS]["source"] = {"signatures": "planted"}
        whole.write_h5ad(folder / "signatures.h5ad")
        params = {
            "settings": {"preset": preset, **quick(preset)},
            "trainings": [{"fold": str(fold), "seed": 0, "folder": str(folder / "model")}],
            "unfinished": str(folder / ".training"),
            "first": str(folder / "model" / "model.json"),
            "device": "cpu",
            "code": "",
        }
        job = SimpleNamespace(
            input=Named(fromdict={"signatures": str(folder / "signatures.h5ad")}),
            output=Named([str(folder / "model" / "model.json")]),
            params=Named(fromdict=params),
            wildcards=Named(fromdict={"dataset": "d", "model": "m"}),
            log=[str(folder / "log.txt")],
            threads=1,
            rule="train",
            config={},
        )
        script = repository / "workflow" / "scripts" / "train.py"
        runpy.run_path(str(script), init_globals={"snakemake": job})
        return load_model(folder / "model")

    yield run
    logging.captureWarnings(False)
    for logger, level, handlers in before:
        logger.setLevel(level)
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
            logger.removeHandler(handler)


def assert_same_model(one, other):
    arrays, others = saved._arrays(one), saved._arrays(other)
    assert arrays.keys() == others.keys()
    for name, part in one.parts().items():
        assert_same_model(part, other.parts()[name])
    for name, value in arrays.items():
        np.testing.assert_array_equal(value, others[name], err_msg=name)
    assert one.history.equals(other.history)


@pytest.mark.parametrize("preset", EXPRESSION)
def test_what_is_held_out_changes_nothing_that_is_fitted(planted, preset, train_script):
    """The script is given everything, held-out rows too, and has to leave them out by itself."""
    adata, _ = planted
    noise = garbled(adata, held_out_rows(adata.obs, 0))
    one, other = (
        train_script(a, name, preset=preset, fold=0)
        for name, a in (("as_it_is", adata), ("garbled", noise))
    )
    assert_same_model(one, other)


@pytest.mark.parametrize("preset", EXPRESSION)
def test_what_is_held_out_changes_no_calibration(planted, preset, train_script):
    """It is fitted, to training compounds: the test above compares it, if it is there."""
    model = train_script(planted[0], "one", preset=preset, fold=0)
    assert "_calibration" in saved._arrays(model)


#: Trained once, without labels: of what they know of classes alone parts are left out.
UNSUPERVISED = ("vae", "vqvae", "vae_logistic")


@pytest.fixture
def left_out(monkeypatch):
    """Train models, and return what calibration made: which rows were known, and the models."""
    made = []
    original = CalibratedModel.without_parts

    def without_parts(model, *, seed):
        for rows, without in original(model, seed=seed):
            known = np.ones(len(model._y), dtype=bool)
            known[rows] = False
            made.append((known, without))
            yield rows, without

    monkeypatch.setattr(CalibratedModel, "without_parts", without_parts)

    def of(adata, preset):
        made.clear()
        make_model(adata, preset=preset, **quick(preset)).train(seed=0)
        return list(made)

    return of


@pytest.mark.parametrize("preset", [p for p in EXPRESSION if p not in UNSUPERVISED])
def test_evidence_that_calibration_is_fitted_to_never_saw_the_compound(planted, preset, left_out):
    adata, _ = planted
    found = left_out(adata, preset)
    assert 1 <= len(found) <= PARTS
    compound = adata.obs["compound"].to_numpy()
    known, model = found[0]
    assert 0.1 < (~known).mean() < 0.35
    assert not set(compound[known]) & set(compound[~known])
    again, other = left_out(garbled(adata, ~known), preset)[0]
    np.testing.assert_array_equal(known, again)
    for name, value in model._state().items():
        if name not in NOT_OF_EVIDENCE:
            np.testing.assert_array_equal(value, other._state()[name], err_msg=name)


#: Of svqvae, what is kept of the whole set to simulate with; evidence has no use for it.
NOT_OF_EVIDENCE = ("_codes", "_familiar")


@pytest.mark.parametrize("preset", UNSUPERVISED)
def test_networks_that_calibration_trains_once_know_no_labels(planted, preset, left_out):
    adata, _ = planted
    other = adata.copy()
    other.obs["class"] = np.roll(other.obs["class"].astype(str).to_numpy(), 7)
    nets = []
    for data in (adata, other):
        model = left_out(data, preset)[0][1]
        nets.append(getattr(model, "network", model).net.state_dict())
    assert all(np.array_equal(value, nets[1][name]) for name, value in nets[0].items())
    known, model = left_out(adata, preset)[0]
    whole = left_out(adata, preset)[1][1]
    assert not np.array_equal(model.codes, whole.codes)
    assert len(model._y) == known.sum()


def test_garbling_would_be_noticed(planted, train_script):
    adata, _ = planted
    noise = garbled(adata, held_out_rows(adata.obs, 0))
    one, other = (
        train_script(a, name, preset="class_mean", fold="all")
        for name, a in (("as_it_is", adata), ("garbled", noise))
    )
    assert not np.array_equal(one.codes, other.codes)


@pytest.mark.parametrize("fold", ["all", "test"])
def test_a_predefined_test_set_is_seen_by_no_model(planted, fold, train_script):
    adata, _ = planted
    adata = adata.copy()
    in_test = adata.obs["fold"] == 0
    adata.obs["fold"] = np.where(in_test, keys.TEST, keys.ALWAYS_TRAIN).astype(np.int32)
    one, other = (
        train_script(a, name, preset="class_mean_whitened", fold=fold)
        for name, a in (("as_it_is", adata), ("garbled", garbled(adata, in_test.to_numpy())))
    )
    assert_same_model(one, other)


@pytest.fixture(scope="module")
def fold_models(planted):
    """A model of each fold, trained without it."""
    adata, _ = planted
    return {
        fold: make_model(
            adata[training_rows(adata.obs, fold)].copy(), preset="class_mean_whitened"
        ).train()
        for fold in range(5)
    }


def test_scores_of_a_fold_are_made_of_its_own_rows_alone(planted, fold_models):
    adata, _ = planted
    elsewhere = garbled(adata, ~held_out_rows(adata.obs, 1))
    for one, other in zip(
        score_held_out(fold_models[1], adata, fold=1, seed=0),
        score_held_out(fold_models[1], elsewhere, fold=1, seed=0),
        strict=True,
    ):
        assert one.equals(other)
        assert set(one["pert_id"]) <= set(adata.obs["pert_id"][held_out_rows(adata.obs, 1)])


def test_similarity_is_by_the_model_that_never_saw_the_compound(planted, fold_models):
    adata, _ = planted
    whole = held_out_similarity(fold_models.items(), adata)
    in_fold = held_out_rows(adata.obs, 1)
    changed = held_out_similarity(fold_models.items(), garbled(adata, in_fold))
    same = (whole.value == changed.value).all(1)
    names = np.unique(adata.obs["compound"].astype(str))
    of_fold = np.unique(adata.obs["compound"].astype(str)[in_fold])
    np.testing.assert_array_equal(same, ~np.isin(names, of_fold))
    # Folds are numbers of their own, the same for all compounds of one.
    assert len(set(whole.fold[~same])) == 1
    assert not set(whole.fold[~same]) & set(whole.fold[same])
    # Of one fold by hand: codes of a model without it.
    at = adata[in_fold & (adata.obs["compound"] == of_fold[0]).to_numpy()]
    z, codes = fold_models[1].latent(np.asarray(at.X)), fold_models[1].codes
    expected = np.corrcoef(np.vstack([z, codes]))[: len(z), len(z) :].mean(0)
    np.testing.assert_allclose(whole.value[names == of_fold[0]][0], expected, atol=1e-5)


def test_novelty_is_judged_by_models_without_the_fold_and_the_unknown(planted, monkeypatch):
    adata, _ = planted
    made = []

    def make(part, **settings):
        made.append(make_model(part, **settings))
        return made[-1]

    monkeypatch.setattr(novelty, "make_model", make)
    settings = {"preset": "svqvae", "epochs": 1, "hidden": 4}
    novelty.evaluate_novelty(adata, settings, folds=[0], draws=20)
    # One fold is judged in every part: its rows are noise, and no model notices.
    noise = garbled(adata, held_out_rows(adata.obs, 0))
    novelty.evaluate_novelty(noise, settings, folds=[0], draws=20)
    half = len(made) // 2
    assert half == 4
    for one, other in zip(made[:half], made[half:], strict=True):
        assert_same_model(one, other)
        assert len(one.class_names) == 3


def test_a_drug_is_compared_by_the_model_that_never_saw_it(planted, fold_models):
    adata, _ = planted
    drugs = adata.copy()
    knockdowns = ad.AnnData(
        np.random.default_rng(1).standard_normal((6, adata.n_vars)).astype(np.float32),
        obs=pd.DataFrame(
            {
                "class": list("XYZXYZ"),
                "cell_id": adata.obs["cell_id"].astype(str).unique()[[0] * 3 + [1] * 3],
            },
            index=[f"k{i}" for i in range(6)],
        ),
        var=adata.var,
    )
    whole = drug_similarities(fold_models.items(), drugs, knockdowns)["latent"]
    in_fold = held_out_rows(adata.obs, 2)
    changed = drug_similarities(fold_models.items(), garbled(drugs, in_fold), knockdowns)["latent"]
    of_fold = whole.index.isin(adata.obs["compound"].astype(str)[in_fold])
    np.testing.assert_array_equal((whole == changed).all(axis=1), ~of_fold)


def test_parts_leave_every_class_something_to_train_on():
    rng = np.random.default_rng(0)
    klass = np.repeat(np.arange(5), [1, 2, 3, 9, 30])
    group = np.arange(len(klass))
    rows = rng.permutation(np.repeat(np.arange(len(klass)), 3))
    part = assign_parts(group[rows], klass[rows], parts=5, seed=1)
    assert (part[klass[rows] == 0] == -1).all()
    for one in range(5):
        assert set(klass[rows][part != one]) == set(range(5))
    assert set(part) == {-1, 0, 1, 2, 3, 4}
