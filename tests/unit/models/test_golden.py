"""What presets compute is what they computed when tests/golden was recorded."""

import json

import numpy as np
import pytest
from golden.figures import figures_of, small_images

from svqvae.models import presets


@pytest.fixture(scope="module")
def recorded(repository):
    return json.loads((repository / "tests/golden/presets.json").read_text())


#: Other processors add convolutions up in another order; batch normalisation and small batches
#: make more of that. Novelty is a rank among ten.
TOLERANCES = {"svqvae_image": {"rtol": 1e-2, "atol": 2e-2}}
NOVELTY = 0.1


@pytest.mark.parametrize("preset", list(presets.known()))
def test_figures_are_those_recorded(preset, simulated, recorded):
    assert preset in recorded, f"not recorded yet: python tests/golden/figures.py {preset}"
    adata = small_images() if preset.endswith("_image") else simulated
    found, wanted = figures_of(preset, adata), recorded[preset]
    tolerances = dict(TOLERANCES.get(preset, {"rtol": 1e-3, "atol": 1e-4}))
    pairs = zip(found.pop("predicted"), wanted.pop("predicted"), strict=True)
    others = sum(one != other for one, other in pairs)
    assert others <= (2 if preset in TOLERANCES else 0)
    assert set(found) == set(wanted)
    for name, summary in wanted.items():
        assert found[name]["shape"] == summary["shape"], name
        values = [np.array(s["mean_sd_values"], dtype=float) for s in (found[name], summary)]
        if preset in TOLERANCES and name == "novelty":
            tolerances["atol"] = NOVELTY
        np.testing.assert_allclose(*values, **tolerances, err_msg=name)
