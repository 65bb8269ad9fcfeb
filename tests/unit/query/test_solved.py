"""What is solved of a saved S-VQ-VAE scores as the whole model does, without torch."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models.registry import load_model, make_model
from svqvae.models.store import WEIGHTS
from svqvae.query.solved import SolvedSVQVAE, load_to_ask


@pytest.fixture(scope="module")
def folder(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("solved")
    make_model(simulated, preset="svqvae", epochs=1).train().save(folder)
    return folder


def test_scores_are_those_of_the_model(folder, simulated):
    whole, solved = load_model(folder), load_to_ask(folder)
    assert isinstance(solved, SolvedSVQVAE)
    x = simulated.X[:30].astype(np.float32)
    np.testing.assert_allclose(solved.latent(x), whole.latent(x), atol=1e-6)
    np.testing.assert_allclose(solved.scores(x), whole.scores(x), rtol=1e-4, atol=1e-4)
    scores = whole.scores(x).astype(float)
    np.testing.assert_allclose(solved.probabilities(scores), whole.probabilities(scores))
    np.testing.assert_allclose(solved.novelty(scores), whole.novelty(scores))


def test_answers_are_the_same_to_the_digits_that_are_written(folder, simulated):
    part = simulated[:5, :80]
    one, other = (load(folder).query(part).classes for load in (load_model, load_to_ask))
    pd.testing.assert_frame_equal(one, other, rtol=1e-3)


@pytest.mark.parametrize("options", [{"members": 0}, {"members": 3}])
def test_with_few_members_or_none(options, simulated, tmp_path):
    make_model(simulated, preset="svqvae", epochs=1, **options).train().save(tmp_path)
    x = simulated.X[:9].astype(np.float32)
    expected = load_model(tmp_path).scores(x)
    np.testing.assert_allclose(load_to_ask(tmp_path).scores(x), expected, rtol=1e-4, atol=1e-4)


def test_torch_is_not_imported(folder, simulated, tmp_path):
    row = pd.DataFrame({"t": simulated.X[0]}, index=simulated.var["pr_gene_symbol"])
    row.to_csv(tmp_path / "t.csv")
    code = (
        "import sys; from svqvae.query.solved import load_to_ask; "
        f"load_to_ask({str(folder)!r}).query({str(tmp_path / 't.csv')!r}); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_other_presets_are_loaded_whole(simulated, tmp_path):
    make_model(simulated, preset="class_mean").train().save(tmp_path)
    assert type(load_to_ask(tmp_path)) is type(load_model(tmp_path))


def test_damaged_weights_are_refused(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = bytearray((tmp_path / WEIGHTS).read_bytes())
    content[-5] ^= 1
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(SvqvaeError, match="missing or damaged"):
        load_to_ask(tmp_path)
