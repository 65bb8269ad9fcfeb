"""Names that spreadsheets would run are written so that they show them, and come back."""

import pandas as pd
import pytest

from svqvae.io.atomic import write_table
from svqvae.io.spreadsheet import tables_of_a_run
from svqvae.io.tables import read_result

NAMES = ["=1+1", "+1", "-1", "@cmd", "'=1", "''@", "'plain", "-", "kinase", "=\tx", "a=b", "\tx"]


@pytest.mark.parametrize("inert", [False, True])
def test_names_come_back(tmp_path, inert):
    path = tmp_path / "class_hubs.tsv"
    table = pd.DataFrame({"class": NAMES, "score": -1.5, "=head": "=x"})
    with tables_of_a_run(inert=inert):
        write_table(table, path)
    pd.testing.assert_frame_equal(read_result(path), table, check_dtype=False)


def test_no_cell_of_text_is_a_formula(tmp_path):
    path = tmp_path / "class_hubs.tsv"
    with tables_of_a_run(inert=True):
        write_table(pd.DataFrame({"class": NAMES, "=head": -1.5}), path)
    found = pd.read_csv(path, sep="\t", dtype={"class": str})
    assert not found["class"].str.match(r"[=+\-@\t]").any()
    assert found.columns.tolist() == ["class", "'=head"]
    assert (found["'=head"] == -1.5).all()


def test_outside_of_runs_names_are_written_as_they_are(tmp_path):
    write_table(pd.DataFrame({"class": NAMES}), tmp_path / "a.tsv")
    assert pd.read_csv(tmp_path / "a.tsv", sep="\t")["class"].tolist() == NAMES
