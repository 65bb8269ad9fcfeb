"""Figures of every preset at seed 0 on the small sets, to be the same after code has moved.

    python tests/golden/figures.py             # record presets that are not recorded yet
    python tests/golden/figures.py svqvae lda  # record these anew, for a reason in CHANGELOG.md

Of each array its shape, mean, spread and some of its values, not a digest of its bits: these differ
between processors in the last digits, the figures do not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np

from svqvae.models import presets
from svqvae.models.registry import make_model

RECORDED = Path(__file__).with_name("presets.json")
#: Values of an array that are kept.
_PROBES = 10
#: Signatures that are asked about, and simulated.
_ASKED, _DRAWN = 24, 6
#: Networks are trained for so long.
_EPOCHS = 3


def small_images() -> ad.AnnData:
    """Return 60 images of noise around three patterns."""
    rng = np.random.default_rng(0)
    label = np.arange(60) % 3
    patterns = rng.uniform(-0.5, 0.5, (3, 784))
    images = ad.AnnData((patterns[label] + rng.uniform(-0.5, 0.5, (60, 784))).astype(np.float32))
    images.obs["class"] = [f"pattern {k}" for k in label]
    images.obs["pert_id"] = [f"image {i}" for i in range(60)]
    images.uns["svqvae"] = {"image_shape": np.array([28, 28])}
    return images


def figures_of(preset: str, adata: ad.AnnData) -> dict[str, Any]:
    """Return the figures of one preset, trained on all of ``adata``."""
    epochs = {"epochs": _EPOCHS} if presets.is_trained(preset) else {}
    model = make_model(adata, preset=preset, **epochs).train(seed=0)
    x = model.signatures(adata)[np.arange(_ASKED)]
    scores = model.scores(x).astype(float)
    arrays = {
        "latent": model.latent(x),
        "scores": scores,
        "probabilities": model.probabilities(scores),
        "novelty": model.novelty(scores),
        "reconstruction": model.reconstruct(x),
    }
    if presets.has_codes(preset):
        arrays["codes"] = model.codes
        arrays["profiles"] = model.decode(model.codes)
        arrays["simulated"] = model.simulate(model.class_names[0], _DRAWN, seed=0).X
    first = model.predict(adata[:_ASKED], top=1)["predicted_class"].tolist()
    return {"predicted": first} | {name: _summary(a) for name, a in arrays.items()}


def _summary(array: np.ndarray) -> dict[str, Any]:
    flat = np.asarray(array, dtype=float).ravel()
    at = np.linspace(0, flat.size - 1, _PROBES).astype(int)
    numbers = [flat.mean(), flat.std(), *flat[at]]
    return {
        "shape": list(np.shape(array)),
        "mean_sd_values": [None if np.isnan(v) else float(f"{v:.6g}") for v in numbers],
    }


def main(named: list[str]) -> None:
    """Record presets, and leave the figures of all others as they are."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from conftest import small_simulation

    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    signatures, images = small_simulation(), small_images()
    for preset in named or [p for p in presets.known() if p not in recorded]:
        data = images if preset.endswith("_image") else signatures
        recorded[preset] = figures_of(preset, data)
        print(f"recorded {preset}")
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
