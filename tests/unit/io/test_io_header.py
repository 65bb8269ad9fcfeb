"""Which line of a text table is its header, and that no row of values passes for it."""

import numpy as np
import pytest
from io_cases import raises_naming

from svqvae.io import read
from svqvae.io.tables import read_table


def put(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize(
    "header",
    [
        *("#sig_id,780,1007", "# sig_id,780,1007", "#id,780,1007", "#780,1007", "#,780,1007"),
        *("! made by us\n#sample,780,1007", "#profiles,780,1007", "#sig_id,780,1007\n"),
    ],
)
def test_a_header_behind_a_hash_costs_no_signature(tmp_path, header, separator):
    text = f"{header}\ns1,0.5,1.2\ns2,-0.5,2.2\n".replace(",", separator)
    adata = read(put(tmp_path / "a.csv", text))
    assert list(adata.obs_names) == ["s1", "s2"]
    assert list(adata.var_names) == ["780", "1007"]
    np.testing.assert_array_equal(adata.X, np.array([[0.5, 1.2], [-0.5, 2.2]], np.float32))


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("comment", ["GeneratedBy,v2", "cell_id,A375", "version,2", "sig_id,780"])
def test_a_comment_of_as_many_fields_is_no_header(tmp_path, comment, separator):
    text = f"#{comment}\nsig_id,780\ns1,0.5\ns2,-2\n".replace(",", separator)
    adata = read(put(tmp_path / "a.csv", text))
    assert (list(adata.obs_names), list(adata.var_names)) == (["s1", "s2"], ["780"])


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("#pert_id,moa\nB1,x\nB2,y\n", {"pert_id": ["B1", "B2"], "moa": ["x", "y"]}),
        ("# pert_id,moa\nB1,x\nB2,y\n", {"pert_id": ["B1", "B2"], "moa": ["x", "y"]}),
        ("#drug,effect\nB1,x\nB2,x\n", {"drug": ["B1", "B2"], "effect": ["x", "x"]}),
        ("#drug,grade\nB1,1\nB2,2\n", {"drug": ["B1", "B2"], "grade": ["1", "2"]}),
        ("#drug,effect\nB1,\nB2,y\n", {"drug": ["B1", "B2"], "effect": [None, "y"]}),
        ("#GeneratedBy,v2\npert_id,moa\nB1,x\n", {"pert_id": ["B1"], "moa": ["x"]}),
        ("#GeneratedBy,v2\ndrug,grade\nB1,1\n", {"drug": ["B1"], "grade": ["1"]}),
        ("#moa,x\npert_id,moa\n1,B1,x\n", {"row_name": ["1"], "pert_id": ["B1"], "moa": ["x"]}),
        ("#made by us\ndrug,effect\nB1,x\n", {"drug": ["B1"], "effect": ["x"]}),
        ("#pert_id\nB1\nB2\n", {"pert_id": ["B1", "B2"]}),
        ("#pert_id,moa\n", {"pert_id": [], "moa": []}),
    ],
)
def test_the_header_of_metadata(tmp_path, text, want, separator):
    table = read_table(put(tmp_path / "a.csv", text.replace(",", separator)))
    assert table.astype(object).where(table.notna(), None).to_dict("list") == want


def test_a_sentence_with_a_comma_is_no_header(tmp_path):
    table = read_table(put(tmp_path / "a.csv", "#made by us, today\ndrug,effect\nB1,x\n"))
    assert table.to_dict("list") == {"drug": ["B1"], "effect": ["x"]}


def test_what_cannot_be_told_is_logged(tmp_path, caplog):
    caplog.set_level("INFO", logger="svqvae")
    table = read_table(put(tmp_path / "a.tsv", "#left\tright\na\tb\n"))
    assert table.to_dict("list") == {"left": ["a"], "right": ["b"]}
    assert "'left\\tright' is taken for a header" in caplog.text


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize(
    "text",
    [
        "s1,0.5,1.2\ns2,-0.5,2.2\n",  # no header at all
        "s1,NA,-1.2\ns2,-0.5,2.2\n",
        "# units, z, or so\ns1,5,-3\ns2,2,2\n",
        "#sig_id,780,1007\n#and a comment\ns1,0.5,1e-3\ns2,-0.5,2.2\n",
        "0.5,1.2\ns1,-0.5,2.2\n",
    ],
)
def test_a_row_of_values_is_no_header(tmp_path, text, separator):
    put(tmp_path / "a.csv", text.replace(",", separator))
    for reader in (read, read_table):
        with raises_naming(tmp_path / "a.csv", "no header", "values"):
            reader(tmp_path / "a.csv")


@pytest.mark.parametrize("genes", ["780,780.1", "780.0,1007.0", "0,1", "780,1007"])
def test_genes_that_are_called_by_numbers(tmp_path, genes):
    adata = read(put(tmp_path / "a.csv", f",{genes}\ns1,0.5,1.2\n"))
    assert list(adata.var_names) == genes.split(",")
