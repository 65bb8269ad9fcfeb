"""What svqvae.pl gives by name, in a notebook too: one's own settings and figures stay."""

import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure

from svqvae import pl
from svqvae.results import FIGURES


def test_every_figure_is_drawn_by_a_function_of_its_name():
    assert set(FIGURES) <= set(dir(pl))
    for name in dir(pl):
        assert callable(getattr(pl, name)), f"{name} is a module too: name its file otherwise"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pl.nothing


def test_the_names_cost_nothing():
    code = "import sys; from svqvae import pl; dir(pl); sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_backend_is_forced_on_anyone():
    code = (
        "import matplotlib as mpl; mpl.use('svg'); from svqvae import pl; pl.filters; pl.save; "
        "import sys; sys.exit(mpl.get_backend().lower() != 'svg')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_s_own_figures_and_settings_stay(tmp_path):
    mine, _ = plt.subplots()
    steps = {"step": ["all", "labelled"], "signatures": [9, 5], "dropped": [0, 4]}
    table = pd.DataFrame(steps)
    with mpl.rc_context({"font.size": 31.0}):
        figure = pl.filters(table)
        pl.save(figure, table, tmp_path / "filters")
        assert mpl.rcParams["font.size"] == 31.0
    assert isinstance(figure, Figure)
    assert figure.axes[0].xaxis.label.get_fontsize() < 31
    assert {mine.number, figure.number} <= set(plt.get_fignums())
    plt.close("all")


def test_a_named_index_is_a_column_of_the_table_beside(tmp_path):
    shares = pd.DataFrame([[1.0]], index=["a"], columns=["a"]).rename_axis("true_class")
    pl.save(pl.confusion(shares), shares, tmp_path / "confusion")
    assert (tmp_path / "confusion.tsv").read_text().splitlines()[0] == "true_class\ta"
    plt.close("all")
