"""Signatures on disk: the same rows, the same models to the bit, and memory that stays."""

import subprocess
import sys

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from svqvae import keys
from svqvae.data.matrix import SignatureMatrix, group_sums
from svqvae.errors import SvqvaeError
from svqvae.io.h5ad import write_h5ad
from svqvae.models.registry import make_model
from svqvae.tl.evaluation.evaluate import score_held_out


def example(n=300, genes=20, seed=0):
    rng = np.random.default_rng(seed)
    label = np.resize([0, 1, 2], n)
    x = rng.normal(size=(n, genes)) * 2 + rng.normal(size=(3, genes))[label]
    obs = pd.DataFrame(
        {
            keys.CLASS: np.array(["a", "b", "c"])[label],
            keys.PERT_ID: [f"p{i // 6}" for i in range(n)],
            keys.FOLD: np.arange(n) // 6 % 2,
        },
        index=[f"s{i}" for i in range(n)],
    )
    var = pd.DataFrame(index=[f"g{i}" for i in range(genes)])
    return ad.AnnData(x.astype(np.float32), obs=obs, var=var)


LAYOUTS = ["ours", "anndata", "gzip", "float64", "csr"]


def stored(folder, layout, adata=None):
    adata = example() if adata is None else adata
    path = folder / f"{layout}.h5ad"
    if layout == "ours":
        write_h5ad(path, adata.X, adata.obs, adata.var)
    else:
        adata.X = {"float64": adata.X.astype(float), "csr": sparse.csr_matrix(adata.X)}.get(
            layout, adata.X
        )
        adata.write_h5ad(path, compression="gzip" if layout == "gzip" else None)
    return ad.read_h5ad(path, backed="r")


@pytest.fixture(scope="module", params=LAYOUTS)
def backed(request, tmp_path_factory):
    return stored(tmp_path_factory.mktemp("backed"), request.param)


@pytest.mark.parametrize("clip", [None, 1.5])
def test_rows_and_genes_of_a_file_are_those_of_memory(backed, clip):
    rows = np.random.default_rng(1).permutation(300)[:120]
    mask = np.isin(np.arange(300), rows)
    genes = ["g7", "g0", "g19"]
    matrix = SignatureMatrix.of(backed[mask], genes, clip=clip)
    want = example()[mask, genes].X
    want = want if clip is None else np.clip(want, -clip, clip)
    assert matrix.shape == (120, 3)
    np.testing.assert_array_equal(matrix[:], want)
    np.testing.assert_array_equal(matrix[np.array([5, 5, 0])], want[[5, 5, 0]])
    np.testing.assert_array_equal(np.concatenate(list(matrix.blocks(50))), want)


def test_a_matrix_that_is_taken_is_gone_through_once(backed, monkeypatch):
    genes, taken = ["g7", "g0"], []
    really = SignatureMatrix._raw
    monkeypatch.setattr(
        SignatureMatrix, "_raw", lambda self, at: taken.append(at) or really(self, at)
    )
    model = make_model(example(), preset="class_mean").train()
    taken.clear()
    matrix = model.signatures(example())
    assert len(taken) == 1
    assert matrix.largest == np.abs(example().X).max()
    of_two = SignatureMatrix.of(backed, genes, clip=0.1)
    assert of_two.largest == np.abs(example()[:, genes].X).max()


@pytest.mark.parametrize("preset", ["paper", "vqvae", "vae", "class_mean_cosine"])
def test_training_from_a_file_gives_the_same_bits(tmp_path, preset):
    options = {} if preset.startswith("class") else {"epochs": 2, "batch_size": 32}
    results = []
    for adata in (example(), stored(tmp_path, "ours"), stored(tmp_path, "gzip")):
        model = make_model(adata[np.arange(300) % 5 > 0], preset=preset, **options).train(seed=3)
        predictions, scores = score_held_out(model, adata, fold=1, seed=3)
        results.append((model.codes, model.latent_sd, predictions, scores))
    for codes, spread, predictions, scores in results[1:]:
        np.testing.assert_array_equal(codes, results[0][0])
        np.testing.assert_array_equal(spread, results[0][1])
        pd.testing.assert_frame_equal(predictions, results[0][2])
        pd.testing.assert_frame_equal(scores, results[0][3])


def test_what_the_file_lacks_is_named(tmp_path):
    backed = stored(tmp_path, "ours")
    with pytest.raises(SvqvaeError, match="'g99'"):
        SignatureMatrix.of(backed, ["g99"])
    backed.obs_names = [f"other{i}" for i in range(300)]
    with pytest.raises(SvqvaeError, match="300 of 300 signature ids are not in the file"):
        SignatureMatrix.of(backed, ["g0"])


@pytest.mark.parametrize("in_file", [False, True])
def test_values_that_are_not_finite_are_placed(tmp_path, in_file):
    adata = example()
    adata.X[41, 3] = np.inf
    if in_file:
        adata.write_h5ad(tmp_path / "a.h5ad")
        adata = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    with pytest.raises(SvqvaeError, match="signature 's41', gene 'g3'"):
        SignatureMatrix.of(adata, list(adata.var_names))


UNFIT = [np.inf, -np.inf, np.nan, -666.0]


@pytest.mark.parametrize("value", UNFIT)
@pytest.mark.parametrize("layout", ["memory", "memory csr", *LAYOUTS])
def test_values_are_checked_before_they_are_clipped(tmp_path, layout, value):
    adata = example()
    adata.X[41, 3] = value
    if layout == "memory csr":
        adata.X = sparse.csr_matrix(adata.X)
    elif layout != "memory":
        adata = stored(tmp_path, layout, adata)
    with pytest.raises(SvqvaeError, match="1 values in 1 signatures are NaN or infinite") as caught:
        SignatureMatrix.of(adata, ["g7", "g3"], clip=10)
    assert "signature 's41', gene 'g3'" in str(caught.value)
    assert SignatureMatrix.of(adata[50:], ["g3"], clip=10).shape == (250, 1)
    assert SignatureMatrix.of(adata, ["g7"], clip=10).shape == (300, 1)


def test_a_null_and_a_number_beyond_float32_are_named(tmp_path):
    adata = example()
    adata.X = adata.X.astype(float)
    adata.X[1, 2] = -666
    with pytest.raises(SvqvaeError, match=r"gene 'g2': -666.0 \(the null of LINCS\)"):
        SignatureMatrix.of(adata, list(adata.var_names), clip=10)
    adata.X[1, 2] = 1e300
    with pytest.raises(SvqvaeError, match=r"'g2': 1e\+300 \(beyond the range of float32\)"):
        SignatureMatrix.of(adata, list(adata.var_names), clip=10)
    adata.write_h5ad(tmp_path / "a.h5ad")
    backed = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    with pytest.raises(SvqvaeError, match="beyond the range of float32"):
        SignatureMatrix.of(backed, list(adata.var_names), clip=10)


@pytest.mark.parametrize("value", UNFIT)
@pytest.mark.parametrize("preset", ["svqvae", "paper", "vqvae", "vae", "class_mean", "gaussian"])
def test_no_model_is_trained_on_or_asked_about_such_values(preset, value):
    sound, unfit = example(n=60), example(n=60)
    unfit.X[41, 3] = value
    with pytest.raises(SvqvaeError, match="signature 's41', gene 'g3'"):
        make_model(unfit, preset=preset)
    epochs = {} if preset in ("class_mean", "gaussian") else {"epochs": 1}
    model = make_model(sound, preset=preset, **epochs).train(seed=0)
    for method in (model.predict, model.get_latent_representation, model.signatures):
        with pytest.raises(SvqvaeError, match="signature 's41', gene 'g3'"):
            method(unfit)


@pytest.mark.parametrize("shape", [(0, 20), (3, 0)])
def test_nothing_to_train_on_or_to_predict_from(shape):
    nothing = example()[: shape[0], : shape[1]].copy()
    model = make_model(example(), preset="class_mean").train()
    what = "signatures" if shape[0] == 0 else "gene"
    for method in (model.predict, model.get_latent_representation, model.signatures):
        with pytest.raises(SvqvaeError, match=what):
            method(nothing)
    with pytest.raises(SvqvaeError, match=f"there are no {what}"):
        make_model(nothing, preset="class_mean")


@pytest.mark.parametrize(
    "x", [None, np.ones((300, 20), complex), np.full((300, 20), "1.5", object)]
)
def test_an_x_that_holds_no_numbers(x):
    adata = ad.AnnData(x, obs=example().obs, var=example().var)
    with pytest.raises(SvqvaeError, match="no X|not numbers"):
        SignatureMatrix.of(adata, ["g0"])


def test_a_full_disk_under_the_copy_of_a_packed_file(tmp_path, monkeypatch):
    def full(**_):
        return open("/dev/full", "wb")

    monkeypatch.setattr("svqvae.data.matrix.tempfile.TemporaryFile", full)
    with pytest.raises(SvqvaeError, match=r"gzip.h5ad: .* No space left on device; make room"):
        SignatureMatrix.of(stored(tmp_path, "gzip"), ["g0", "g1"])


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 9))
def test_group_sums(group, size):
    x = np.random.default_rng(len(group)).normal(size=(len(group), 3)).astype(np.float32)
    blocks = (x[i : i + size] for i in range(0, len(x), size))
    want = [x[np.array(group) == g].sum(0, dtype=float) for g in range(5)]
    np.testing.assert_allclose(group_sums(blocks, np.array(group), 5), want, atol=1e-5)


_TRAIN = """
import resource, sys
import anndata as ad
import torch
from svqvae.models.registry import make_model

adata = ad.read_h5ad(sys.argv[1], backed="r")
make_model(adata[:50], preset="paper", hidden=8, epochs=1).train()
resource.setrlimit(resource.RLIMIT_DATA, (int(open('/proc/self/statm').read().split()[5]) * 4096
                                          + (120 << 20),) * 2)
make_model(adata, preset="paper", hidden=8, epochs=1, batch_size=512).train()
"""


def test_a_set_larger_than_the_memory_allowed_is_trained_on(tmp_path):
    """256 MB of signatures, 120 MB of memory beyond what the libraries take."""
    n, genes = 32_000, 2000
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({keys.CLASS: np.resize(["a", "b"], n)}, index=[f"s{i}" for i in range(n)])
    var = pd.DataFrame(index=[f"g{i}" for i in range(genes)])
    part = rng.normal(size=(1000, genes)).astype(np.float32)
    path = tmp_path / "large.h5ad"
    write_h5ad(path, (part for _ in range(n // 1000)), obs, var)
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
