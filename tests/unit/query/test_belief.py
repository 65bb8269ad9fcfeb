"""What is said of how far to believe an answer, and of a query's strength."""

import numpy as np
import pandas as pd
import pytest

from svqvae.models.registry import load_model, make_model
from svqvae.query.belief import HeldOut, held_out_beside, sharpened, told_of_strength
from svqvae.query.library import write_library
from svqvae.query.queries import Queries


@pytest.fixture(scope="module")
def model(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "set" / "svqvae" / "model"
    trained = make_model(simulated, preset="svqvae", epochs=1).train()
    trained.save(folder)
    write_library(trained, simulated, folder)
    return load_model(folder)


def queries(*genes_used, of=100, kind="signatures"):
    values = np.full((len(genes_used), of), np.nan)
    for row, n in zip(values, genes_used, strict=True):
        row[:n] = 1.0
    return Queries(names=[str(n) for n in genes_used], values=values, kind=kind)


def test_probabilities_of_few_genes_are_raised_and_keep_their_order():
    likely = np.tile([0.2, 0.5, 0.3, 0.0], (3, 1))
    found = sharpened(likely, queries(100, 50, 10))
    np.testing.assert_allclose(found[0], likely[0])
    np.testing.assert_allclose(found.sum(1), 1)
    assert (np.diff(found[:, 1]) > 0.01).all()
    assert (np.argsort(found, axis=1) == np.argsort(likely, axis=1)).all()


def test_long_lists_are_raised_more_than_signatures_and_short_lists():
    likely = np.array([[0.6, 0.4]])
    long, short = (sharpened(likely, queries(n, of=978, kind="lists"))[0, 0] for n in (50, 20))
    signature = sharpened(likely, queries(50, of=978))[0, 0]
    assert long > signature > short > 0.6


def test_a_weak_signature_is_told_so(model, simulated):
    row = simulated[:1].to_df()
    # Far below the clip, where a factor is a factor of the length.
    weak, strong = (" ".join(model.query(f * row).notes[row.index[0]]) for f in (0.01, 3.0))
    assert "weak: 100% of the training signatures are stronger" in weak
    assert "stronger than 99% of the training signatures" in strong
    assert "weak" not in strong
    # Half of the genes have the same strength, not half of it.
    lengths = np.linalg.norm(simulated.X, axis=1)
    middle = simulated[[np.argsort(lengths)[len(lengths) // 2]]]
    (note,) = [n for n in model.query(middle[:, ::2]).notes[middle.obs_names[0]] if "str" in n]
    assert 25 < int(note.split("than ")[1].split("%")[0]) < 75


def test_what_is_brought_to_a_length_has_no_strength(model, simulated):
    row = pd.Series(simulated.X[0], index=simulated.var_names)
    assert "stronger" not in " ".join(model.query(row).notes["query"])


def test_weak_is_a_fifth():
    assert told_of_strength(0.19).startswith("weak: 81%")
    assert told_of_strength(0.55) == "stronger than 55% of the training signatures"


def test_belief_is_the_share_of_held_out_signatures_as_sure(model, tmp_path):
    held_out = HeldOut(probability=np.linspace(0, 1, 500), right=np.repeat([False, True], 250))
    assert "0% were right (n = 50)" in held_out.sentence(0.1)
    assert "100% were right (n = 50)" in held_out.sentence(0.99)
    folder = tmp_path / "set" / "svqvae" / "model"
    folder.mkdir(parents=True)
    assert held_out_beside(folder, model.class_names) is None
    table = pd.DataFrame(
        {"sig_id": ["a", "b"], "pert_id": "p", "class": model.class_names[:2], "fold": 0}
        | {"seed": 0, "true_rank": [1, 3], "confidence": [0.9, 0.2], "novelty": 0.1}
    )
    table.to_csv(folder.parent / "held_out_scores.tsv", sep="\t", index=False)
    found = held_out_beside(folder, model.class_names)
    assert found.right.tolist() == [False, True]
    assert held_out_beside(folder, ["another"]) is None
    assert held_out_beside("/", model.class_names) is None


def test_belief_says_of_which_queries_it_is():
    held_out = HeldOut(probability=np.linspace(0, 1, 500), right=np.repeat([False, True], 250))
    assert held_out.sentence(0.99).startswith("of held-out signatures this sure")
    assert held_out.sentence(0.99).endswith("(n = 50)")
    partial = held_out.sentence(0.99, gaps=True)
    assert partial.startswith("of whole held-out signatures this sure")
    assert partial.endswith("those with so few genes were right about as often (docs/query.md)")
    assert held_out.sentence(0.99, gaps=False).endswith("is not known")
