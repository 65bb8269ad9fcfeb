"""Chance: the same classes for every signature, the larger the earlier."""

import numpy as np

from svqvae.models.registry import make_model


def test_classes_rank_by_size_whatever_the_signature(simulated):
    size = simulated.obs["class"].map(lambda name: 2 + int(name[-1])).astype(int)
    nth = simulated.obs.groupby("class", observed=True)["pert_id"].transform(
        lambda p: p.factorize()[0]
    )
    uneven = simulated[(nth < size).to_numpy()].copy()
    model = make_model(uneven, preset="class_prior", balance=0.0).train()
    table = model.predict(simulated)
    assert table.groupby("rank")["predicted_class"].nunique().max() == 1
    ranked = table["predicted_class"].iloc[: len(model.class_names)]
    counts = dict(zip(model.class_names, model.n_signatures, strict=True))
    sizes = ranked.map(counts).to_numpy()
    assert (np.diff(sizes) <= 0).all()
    assert sizes[0] > sizes[-1]
