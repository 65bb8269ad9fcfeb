"""A whole run on images: presets take their convolutional nets, the test images stay unseen."""

import gzip
import struct

import numpy as np
import pandas as pd
import pytest
import yaml


def write_idx(path, array):
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def squares(rng, n):
    """Images with a bright square, in another place for each of three labels."""
    label = np.arange(n) % 3
    x = rng.integers(0, 90, (n, 28, 28))
    for one, at in enumerate((3, 10, 17)):
        x[label == one, at : at + 8, at : at + 8] += 160
    return x, label


@pytest.fixture
def configured(tmp_path):
    rng = np.random.default_rng(0)
    source = {"kind": "idx"}
    for prefix, n in (("", 150), ("test_", 30)):
        for key, array in zip(("signatures", "sig_info"), squares(rng, n), strict=True):
            path = tmp_path / f"{prefix}{key}-idx{array.ndim}-ubyte.gz"
            write_idx(path, array)
            source[f"{prefix}{key}"] = str(path)
    models = {
        "svqvae": {"preset": "svqvae", "epochs": 5, "batch_size": 32},
        "paper": {"preset": "paper", "epochs": 1},
        "class_mean": {"preset": "class_mean"},
    }
    config = {
        "datasets": {"squares": {"source": source, "labels": {"key": "label"}}},
        "models": models,
    }
    path = tmp_path / "images.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.slow
def test_a_run_on_images(configured, snakemake, tmp_path):
    run = snakemake(tmp_path, configured)
    assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / "results" / "report-images.html").exists()
    summary = pd.read_csv(tmp_path / "results/squares/benchmark_summary.tsv", sep="\t")
    accuracy = summary[summary["metric"] == "accuracy"].set_index("model")["value"]
    assert accuracy["svqvae"] > 0.9  # by chance 0.33
    assert accuracy["class_mean"] > 0.9
    assert (summary["value"].notna()).all()
    # An image is like others of its class; no compound is near to it.
    near = pd.read_csv(tmp_path / "results/squares/svqvae/nearest_compounds.tsv", sep="\t")
    assert near.empty
