"""Where the class of a signature comes from."""

import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.pp.labels import label_signatures


@pytest.fixture
def obs():
    return pd.DataFrame({"pert_id": ["p1", "p2", "p3", "p1"]}, index=["s1", "s2", "s3", "s4"])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("pert_id\tmoa\np1\tA|B\np2\tC\np3\t-666\n")
    return path


def test_first_takes_the_first_listed(obs, table):
    found = label_signatures(obs, key="moa", table=table, policy="first")
    assert found.fillna("-").to_dict() == {"s1": "A", "s2": "C", "s3": "-", "s4": "A"}


def test_drop_leaves_ambiguous_perturbagens_without(obs, table):
    found = label_signatures(obs, key="moa", table=table, policy="drop")
    assert found.dropna().to_dict() == {"s2": "C"}


def test_duplicate_repeats_the_signature(obs, table):
    found = label_signatures(obs, key="moa", table=table, policy="duplicate").dropna()
    assert sorted(found.items()) == [
        ("s1", "A"),
        ("s1", "B"),
        ("s2", "C"),
        ("s4", "A"),
        ("s4", "B"),
    ]


def test_a_column_of_the_signatures_will_do(obs):
    obs["cls"] = ["x", "y", None, " x "]
    assert label_signatures(obs, key="cls").dropna().tolist() == ["x", "y", "x"]
    with pytest.raises(SvqvaeError, match="no column 'clss'; did you mean 'cls'"):
        label_signatures(obs, key="clss")


def test_conflicting_rows_are_an_error_and_repeated_ones_are_not(obs, table):
    text = table.read_text()
    table.write_text(text + "p2\tC\n")
    assert label_signatures(obs, key="moa", table=table)["s2"] == "C"
    table.write_text(text + "p2\tD\n")
    with pytest.raises(SvqvaeError, match=r"labels.tsv.*'p2': \['C', 'D'\]"):
        label_signatures(obs, key="moa", table=table)


def test_a_join_that_matches_nothing_says_so(obs, table):
    obs["pert_id"] = ["q1", "q2", "q3", "q1"]
    with pytest.raises(SvqvaeError, match=r"'q1'.*'p1'"):
        label_signatures(obs, key="moa", table=table)
    with pytest.raises(SvqvaeError, match="no column 'mao'; did you mean 'moa'"):
        label_signatures(obs, key="mao", table=table)
    with pytest.raises(SvqvaeError, match="labels.on"):
        label_signatures(obs, key="moa", table=table, on="moa")


def test_labels_may_be_numbers_zero_among_them(obs):
    for values in ([0, 1, 2, 0], [0.0, 1.0, None, 0.0], pd.Categorical([0, 1, 2, 0])):
        obs["digit"] = values
        found = label_signatures(obs, key="digit")
        assert found["s1"] == "0"
        assert found["s2"] == "1"


def test_a_label_listed_twice_counts_once(obs, table):
    table.write_text("pert_id\tmoa\np1\tA|A| A\np2\tC|\np3\t|\n")
    found = label_signatures(obs, key="moa", table=table, policy="duplicate").dropna()
    assert sorted(found.items()) == [("s1", "A"), ("s2", "C"), ("s4", "A")]
