"""Large symmetric and triangular matrices are saved as a triangle, and come back to the bit."""

import json

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from svqvae.errors import SvqvaeError
from svqvae.models import store


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_matrices_are_saved_as_triangles_to_the_bit(tmp_path, dtype):
    rng = np.random.default_rng(0)
    square = rng.standard_normal((70, 70)).astype(dtype)
    arrays = {
        "symmetric": square + square.T,
        "lower": np.tril(square),
        "any": square,
        "small": np.eye(3, dtype=dtype),
        "codes": square[:5],
    }
    model = {"settings": {}, "labels_key": "c", "clip": None, "provenance": {}}
    card = {**model, "classes": ["a", "b"], "genes": ["1"]}
    store.save(tmp_path, card=card, arrays=arrays, history=pd.DataFrame())
    found = store.load(tmp_path)[1]
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == dtype
    kept = load_file(tmp_path / "model.safetensors")
    assert kept["symmetric:symmetric"].size == kept["lower:lower"].size == 70 * 71 // 2


def test_a_triangle_of_no_size_is_damaged(tmp_path):
    square = np.ones((70, 70))
    card = {"settings": {}, "labels_key": "c", "clip": None, "provenance": {}}
    card |= {"classes": ["a", "b"], "genes": ["1"]}
    store.save(tmp_path, card=card, arrays={"x": square}, history=pd.DataFrame())
    save_file({"x:symmetric": np.ones(7)}, tmp_path / "model.safetensors")
    card = json.loads((tmp_path / "model.json").read_text())
    del card["sha256"], card["format"]  # as before cards held digests
    (tmp_path / "model.json").write_text(json.dumps(card))
    with pytest.raises(SvqvaeError, match="missing or damaged .*no triangle"):
        store.load(tmp_path)
