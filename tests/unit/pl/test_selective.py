"""The figure of risk and coverage draws its table: compounds where there are any, ties hollow."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from svqvae.pl.selective import risk_coverage
from svqvae.tl.evaluation.selective import COVERAGES


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def curves(*units):
    parts = []
    for unit in units:
        for model, role, apart in (("ours", "model", 0), ("lda", "baseline", -0.2)):
            accuracy = np.linspace(0.9, 0.4, len(COVERAGES)) + apart
            accuracy -= 0.1 * (unit == "signature")
            part = {"unit": unit, "model": model, "role": role, "coverage": COVERAGES, "n": 9}
            part |= {"confidence": 0.5, "accuracy": accuracy, "subject": "ours"}
            part |= {"ci_low": accuracy - 0.1, "ci_high": accuracy + 0.1, "difference": apart}
            part |= {"difference_low": apart - 0.05, "difference_high": apart + 0.05}
            parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("units", [("signature",), ("signature", "compound")])
def test_the_unit_that_heads_is_drawn(units):
    table = curves(*units)
    figure = risk_coverage(table)
    lines = figure.axes[0].lines
    shown = table[table["unit"] == units[-1]]
    for line, (_, part) in zip(lines, shown.groupby("model", sort=False), strict=True):
        np.testing.assert_allclose(line.get_ydata(), part["accuracy"])
    assert units[-1] in figure.axes[0].get_xlabel()
    assert [ax.get_title(loc="left") for ax in figure.axes[1:]] == ["10 %", "20 %", "50 %"]


def test_marks_are_hollow_where_the_difference_may_be_none():
    table = curves("signature")
    table["difference_high"] = np.where(table["model"] == "lda", 0.01, 0)
    figure = risk_coverage(table)
    assert len(figure.axes[1].collections) == 3  # intervals, the subject, a hollow rival
    faces = [tuple(c.get_facecolor()[0]) for c in figure.axes[1].collections[1:]]
    assert (1.0, 1.0, 1.0, 1.0) in faces
