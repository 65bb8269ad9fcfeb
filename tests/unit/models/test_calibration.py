"""Known truth: evidence drawn from a model of which the right probabilities are known."""

import numpy as np
import pytest
from scipy.special import log_softmax

from svqvae.models.calibration import Calibration, fit_calibration

CLASSES, SIGNATURES = 6, 40_000


@pytest.fixture(scope="module")
def drawn():
    """Evidence, labels drawn with probability softmax(2 * evidence + log size), log sizes."""
    rng = np.random.default_rng(0)
    log_size = np.log(np.array([0.2, 0.4, 0.8, 1.0, 1.6, 2.0]))
    evidence = rng.standard_normal((SIGNATURES, CLASSES))
    share = np.exp(log_softmax(2 * evidence + log_size, axis=1))
    label = (share.cumsum(1) > rng.random((SIGNATURES, 1))).argmax(1)
    return evidence, label, log_size


def test_scale_and_prior_are_found(drawn):
    evidence, label, log_size = drawn
    found = fit_calibration(evidence, label, log_size, balance=0.0)
    assert np.exp(found.log_scale) == pytest.approx(2, rel=0.03)
    assert found.prior == pytest.approx(1, abs=0.05)
    # They are probabilities already, so nothing is left to sharpen.
    assert found.log_sharpness == pytest.approx(0, abs=0.05)
    assert found.margin_power == pytest.approx(0, abs=0.1)


def test_probabilities_are_right_on_average(drawn):
    evidence, label, log_size = drawn
    found = fit_calibration(evidence, label, log_size, balance=0.5)
    probability = found.probabilities(found.scores(evidence, log_size))
    confidence, correct = probability.max(1), probability.argmax(1) == label
    bins = np.digitize(confidence, np.linspace(0, 1, 11)[1:-1])
    gap = [abs(confidence[bins == b].mean() - correct[bins == b].mean()) for b in np.unique(bins)]
    assert np.average(gap, weights=np.unique(bins, return_counts=True)[1]) < 0.03


def test_signatures_that_show_nothing_do_not_blur_those_that_do():
    """Half of the signatures are clear, half random: one temperature cannot serve both."""
    rng = np.random.default_rng(1)
    label = rng.integers(CLASSES, size=4000)
    evidence = rng.standard_normal((4000, CLASSES)) * 0.3
    clear = np.arange(4000) % 2 == 0
    evidence[clear, label[clear]] += 4
    found = fit_calibration(evidence, label, np.zeros(CLASSES), balance=0.0)
    confidence = found.probabilities(found.scores(evidence, np.zeros(CLASSES))).max(1)
    assert confidence[clear].mean() > 0.95
    assert confidence[~clear].mean() < 0.35  # by chance one in six is right


def test_balance_moves_ranks_from_large_classes_to_small_ones(drawn):
    evidence, label, log_size = drawn
    priors = [fit_calibration(evidence, label, log_size, balance=b).prior for b in (0, 0.5, 1)]
    assert priors[0] > priors[1] + 0.2
    assert priors[1] > priors[2] + 0.2


def test_probabilities_rank_as_scores_do(drawn):
    evidence, _, log_size = drawn
    any_numbers = Calibration(0.3, 0.7, -0.4, 1.5, 0.2, 1.1, 0.1)
    scores = any_numbers.scores(evidence, log_size)
    probability = any_numbers.probabilities(scores)
    np.testing.assert_allclose(probability.sum(1), 1)
    np.testing.assert_array_equal(scores.argsort(1), probability.argsort(1))


def test_saved_numbers_come_back():
    numbers = Calibration(0.3, 0.7, -0.4, 1.5, 0.2, 1.1, 0.1)
    assert Calibration.from_array(numbers.as_array()) == numbers


def test_of_a_model_saved_without_the_ends_both_are_its_own_prior():
    older = Calibration.from_array(np.array([0.3, 0.7, -0.4, 1.5, 0.2]))
    assert older == Calibration(0.3, 0.7, -0.4, 1.5, 0.2, 0.7, 0.7)


@pytest.mark.parametrize("factor", [1e-4, 1.0, 1e4])
def test_the_unit_of_evidence_does_not_matter(drawn, factor):
    """Cosines and squared distances are calibrated alike."""
    evidence, label, log_size = (drawn[0][:4000], drawn[1][:4000], drawn[2])
    wanted = fit_calibration(evidence, label, log_size, balance=0.5)
    found = fit_calibration(evidence * factor, label, log_size, balance=0.5)
    scores = [c.scores(e, log_size) for c, e in ((wanted, evidence), (found, evidence * factor))]
    np.testing.assert_allclose(*scores, atol=1e-4)
    assert found.prior == pytest.approx(wanted.prior, abs=1e-4)


def test_the_ends_rank_as_calibrations_of_their_balance(drawn):
    evidence, label, log_size = drawn
    found = fit_calibration(evidence, label, log_size, balance=0.5)
    ends = found.at_ends(found.scores(evidence, log_size), log_size)
    for balance, end in zip((0.0, 1.0), ends, strict=True):
        there = fit_calibration(evidence, label, log_size, balance=balance)
        np.testing.assert_array_equal(
            end.argsort(1), there.scores(evidence, log_size).argsort(1), err_msg=str(balance)
        )
    assert found.micro > found.prior > found.macro


def test_without_evidence_classes_rank_by_size(drawn):
    _, label, log_size = drawn
    nothing = np.zeros((len(label), CLASSES))
    found = fit_calibration(nothing, label, log_size, balance=0.0)
    scores = found.scores(nothing[:1], log_size)
    np.testing.assert_array_equal(scores[0].argsort(), log_size.argsort())
    share = np.bincount(label, minlength=CLASSES) / len(label)
    np.testing.assert_allclose(found.probabilities(scores)[0], share, atol=0.05)


def test_probabilities_are_the_documented_formula(drawn):
    evidence, _, log_size = drawn
    numbers = Calibration(0.3, 0.7, -0.4, 1.5, 0.2, 1.1, 0.1)
    scores = evidence[:500] * np.exp(0.3) + 0.7 * log_size
    np.testing.assert_allclose(numbers.scores(evidence[:500], log_size), scores)
    margin = np.log(scores.max(1) - scores.mean(1))
    sharpness = np.exp(np.clip(-0.4 + 1.5 * (margin - 0.2), -5, 5))
    expected = np.exp(log_softmax(scores * sharpness[:, None], axis=1))
    np.testing.assert_allclose(numbers.probabilities(scores), expected, rtol=1e-9)
