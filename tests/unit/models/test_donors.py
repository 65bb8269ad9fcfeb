"""Simulating by exchanging the class: what comes of planted profiles, and no copies."""

import numpy as np
import pytest

from svqvae.data.matrix import SignatureMatrix
from svqvae.errors import SvqvaeError
from svqvae.models.donors import Donors


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(3), [40, 60, 80])
    profile = rng.standard_normal((3, 50))
    strength = rng.lognormal(0, 0.5, 180)
    x = strength[:, None] * profile[label] + 0.3 * rng.standard_normal((180, 50))
    return x.astype(np.float32), label, profile


def test_drawn_signatures_have_the_profile_of_their_class(planted):
    x, label, profile = planted
    donors = Donors.choose(SignatureMatrix(x), label, most=1000, seed=0)
    for c in range(3):
        drawn = donors.draw(c, 200, np.random.default_rng(1))
        similarity = np.corrcoef(np.vstack([drawn.mean(0), profile]))[0, 1:]
        assert similarity.argmax() == c
        assert similarity[c] > 0.97


def test_no_training_signature_is_handed_out_again(planted):
    x, label, _ = planted
    donors = Donors.choose(SignatureMatrix(x), label, most=1000, seed=0)
    drawn = donors.draw(1, 300, np.random.default_rng(0))
    distance = np.linalg.norm(drawn[:, None] - x[None], axis=2).min(1)
    typical = np.median(np.linalg.norm(x[label == 1][:, None] - x[label == 1][None], axis=2))
    assert distance.min() > 0.1 * typical


def test_strengths_are_those_of_the_class(planted):
    x, label, _ = planted
    x = x * np.array([0.3, 1.0, 3.0], dtype=np.float32)[label][:, None]
    donors = Donors.choose(SignatureMatrix(x), label, most=1000, seed=0)
    length = [
        np.median(np.linalg.norm(donors.draw(c, 300, np.random.default_rng(0)), axis=1))
        for c in range(3)
    ]
    assert length[0] < length[1] < length[2]


def test_few_donors_are_enough_and_a_class_needs_none_of_its_own(planted):
    x, label, _ = planted
    rare = np.where(np.arange(180) == 0, 3, label)
    donors = Donors.choose(SignatureMatrix(x), rare, most=20, seed=3)
    assert len(donors.x) == 20
    assert np.isfinite(donors.draw(3, 10, np.random.default_rng(0))).all()


def test_strength_and_cell_line_are_as_asked_for(planted):
    x, label, _ = planted
    cells = np.array(["A375", "MCF7"], dtype=object)[np.arange(180) % 2]
    lifted = x + np.where(cells == "MCF7", 5.0, 0.0)[:, None].astype(np.float32)
    donors = Donors.choose(SignatureMatrix(lifted), label, cells=cells, most=1000, seed=0)
    again = Donors(**donors.arrays())
    assert again.cells == list(cells)
    rng = np.random.default_rng(0)
    drawn = again.draw(0, 50, rng, strength=2.0)
    length = np.linalg.norm(drawn, axis=1) / donors.mean_length
    assert np.median(length) == pytest.approx(2, rel=0.25)
    # No donor is as strong: the rest of the way is scaled.
    far = again.draw(0, 50, np.random.default_rng(0), strength=20.0)
    assert np.median(np.linalg.norm(far, axis=1)) / donors.mean_length == pytest.approx(20, rel=0.5)
    by_cell = [again.draw(0, 50, rng, cell=cell).mean() for cell in ("A375", "MCF7")]
    assert by_cell[1] - by_cell[0] > 2
    with pytest.raises(SvqvaeError, match="did you mean 'MCF7'"):
        again.draw(0, 5, rng, cell="MCF")
    none = Donors.choose(SignatureMatrix(x), label, most=1000, seed=0)
    with pytest.raises(SvqvaeError, match="names none"):
        none.draw(0, 5, rng, cell="MCF7")
