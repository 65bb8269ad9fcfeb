"""Levels of expression are told from signatures."""

import struct

import anndata as ad
import numpy as np
import pytest

from svqvae.data.checks import SignCheck
from svqvae.errors import SvqvaeError
from svqvae.io import read
from svqvae.io.convert import convert
from svqvae.models.registry import make_model
from svqvae.pp.preprocess import preprocess
from svqvae.pp.source import ImageSource, Source

GENES, ROWS = 120, 60


def refused(x, *, size=16, trained_on=True):
    check = SignCheck()
    for start in range(0, len(x), size):
        check.add(x[start : start + size].astype(np.float32))
    try:
        check.require_signatures("x.h5ad", trained_on=trained_on)
    except SvqvaeError as error:
        assert "x.h5ad" in str(error)
        assert "control" in str(error)
        return True
    return False


@pytest.fixture
def counts():
    rng = np.random.default_rng(0)
    mean = rng.lognormal(3, 1.5, GENES)
    return rng.poisson(mean * rng.lognormal(0, 0.3, (ROWS, 1)))


def test_counts_and_their_logs_are_refused(counts):
    assert refused(counts)
    assert refused(np.log1p(counts))
    assert refused(counts[:1])
    assert refused(counts[:2, :30])
    assert refused(np.log1p(counts[:3, :20]))
    # Counts per million with a small offset: a few values below zero.
    per_million = counts / counts.sum(1, keepdims=True) * 1e4
    logged = np.log2(per_million + 0.5)
    assert (logged < 0).any()
    assert refused(logged)


def test_changes_against_a_control_are_taken(counts):
    logged = np.log1p(counts)
    assert not refused(logged - logged[:10].mean(0))
    assert not refused(np.random.default_rng(0).normal(size=(ROWS, GENES)))
    # Mostly up, as on some plates, with a strong response in common.
    up = np.random.default_rng(0).normal(1.0, 1.0, (ROWS, GENES))
    assert not refused(up)


def test_replicates_of_one_strong_signature_are_predicted_however_they_are_batched(counts):
    rng = np.random.default_rng(0)
    one = np.where(np.arange(GENES) % 8, 2.0, -2.0)  # one value in eight below zero
    replicates = one + rng.normal(0, 0.1, (12, GENES))
    assert not refused(replicates, trained_on=False)
    assert not refused(replicates[:9], trained_on=False)
    assert refused(np.log1p(counts), trained_on=False)


def test_what_tells_levels_is_named():
    check = SignCheck()
    one = np.where(np.arange(GENES) % 8, 2.0, -2.0)
    check.add(one + np.random.default_rng(0).normal(0, 0.1, (12, GENES)))
    with pytest.raises(SvqvaeError, match="180 of 1,440 .* genes differ in level"):
        check.require_signatures("x", trained_on=True)


def test_too_few_values_say_nothing():
    assert not refused(np.full((1, 25), 0.5))
    assert not refused(np.ones((1, 5)))
    assert not refused(np.zeros((ROWS, GENES)))


@pytest.mark.parametrize(
    "name",
    [
        "l1000_plates/LJP005_A375_24H_level4_n377x978.gctx",
        "l1000_plates/level5_s2n_n5x978.gct",
        "l1000_consensus/consensus_n965x978.gctx",
    ],
)
def test_real_signatures_are_taken_singly_too(shared_data, name):
    x = read(shared_data / name).X
    assert not refused(x)
    assert not any(refused(row[None]) for row in x)


@pytest.mark.parametrize("preset", ["svqvae", "class_mean"])
def test_models_neither_train_on_counts_nor_predict_from_them(simulated, counts, preset, tmp_path):
    options = {"epochs": 1} if preset == "svqvae" else {}
    model = make_model(simulated, preset=preset, **options).train(seed=0)
    x = np.log1p(np.abs(simulated.X) * 20)
    levels = ad.AnnData(x, obs=simulated.obs, var=simulated.var)
    with pytest.raises(SvqvaeError, match="log counts"):
        model.predict(levels)
    with pytest.raises(SvqvaeError, match="log counts"):
        make_model(levels, preset=preset, **options)
    levels.write_h5ad(tmp_path / "levels.h5ad")
    with pytest.raises(SvqvaeError, match="levels.h5ad: 0 of"):
        model.predict(ad.read_h5ad(tmp_path / "levels.h5ad", backed="r"))
    with pytest.raises(SvqvaeError, match="levels.h5ad: 0 of"):
        preprocess(Source(signatures=tmp_path / "levels.h5ad"), labels={"key": "class"})


def test_images_are_exempt():
    rng = np.random.default_rng(0)
    bright = ad.AnnData(rng.uniform(0, 1, (40, 784)).astype(np.float32))
    bright.obs["class"] = np.where(np.arange(40) % 2, "odd", "even")
    bright.uns["svqvae"] = {"image_shape": np.array([28, 28])}
    assert make_model(bright, preset="class_mean").train().predict(bright).shape[0] == 80


def write_idx(path, array):
    path.write_bytes(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape))
    with path.open("ab") as file:
        file.write(array.astype(np.uint8).tobytes())
    return path


@pytest.fixture
def dark_on_white(tmp_path):
    """IDX files of squares, dark on white: hardly a pixel is below the middle."""
    images = np.full((40, 28, 28), 255)
    images[::2, 5:8, 5:8] = 90
    images[1::2, 18:21, 18:21] = 90
    digits = np.arange(40) % 2
    files = {"signatures": images, "test_signatures": images[:10]}
    files |= {"sig_info": digits, "test_sig_info": digits[:10]}
    return {
        name: write_idx(tmp_path / f"{name}-idx{array.ndim}-ubyte", array)
        for name, array in files.items()
    }


def test_images_of_any_brightness_are_prepared_and_predicted(dark_on_white, tmp_path):
    adata = preprocess(ImageSource(**dark_on_white), labels={"key": "label"})
    assert adata.shape == (50, 784)
    model = make_model(adata, preset="class_mean").train()
    read_again = read(dark_on_white["signatures"])
    assert read_again.uns["svqvae"]["image_shape"].tolist() == [28, 28]
    convert(dark_on_white["signatures"], tmp_path / "a.h5ad")
    for images in (read_again, read(tmp_path / "a.h5ad")):
        first = model.predict(images, top=1)["predicted_class"]
        assert first.to_list() == [str(i % 2) for i in range(40)]


def test_a_part_of_the_pixels_is_no_image(dark_on_white):
    assert "svqvae" not in read(dark_on_white["signatures"], genes=slice(0, 100)).uns
