"""Tables of differential expression become queries, or say what is wrong with them."""

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.query.read import read_queries

CHANGE = np.array([2.0, -1.0, 0.5, -0.25, 1.5, -3.0])
#: |z| of the p-values of the fixture, whose 0 counts as 1e-300.
Z = np.array([5.7307, 2.5758, 1.2816, 0.6745, 3.8906, 37.0659])


@pytest.mark.parametrize(
    ("kind", "expected", "said"),
    [
        ("deseq2.csv", CHANGE * 2, "statistic 'stat'"),
        ("edger.csv", np.sign(CHANGE) * Z, "sign of 'logFC' x z-score of 'PValue'"),
        ("limma.csv", CHANGE * 3, "statistic 't'"),
        ("seurat.csv", np.sign(CHANGE) * Z, "sign of 'avg_log2FC' x z-score of 'p_val'"),
    ],
)
def test_each_program_is_known_by_its_columns(kind, expected, said, tables, names):
    queries = read_queries(tables(kind), names)
    assert queries.names == [kind.partition(".")[0]]
    np.testing.assert_allclose(queries.values[0], expected, rtol=1e-4)
    assert said in queries.notes[0]
    assert queries.kind == "table"


def test_groups_of_scanpy_are_queries_each(tables, names):
    queries = read_queries(tables("scanpy.csv"), names)
    assert queries.names == ["scanpy:T", "scanpy:B"]
    np.testing.assert_allclose(queries.values, [CHANGE, -CHANGE])


def test_genes_without_a_value_are_missing(tables, names, tmp_path):
    table = pd.read_csv(tables("deseq2.csv"), index_col=0)
    table.loc["CDK2", "stat"] = np.nan
    table.to_csv(tmp_path / "na.csv", na_rep="NA")
    queries = read_queries(tmp_path / "na.csv", names)
    assert queries.genes_used.tolist() == [5]
    assert np.isnan(queries.values[0, 1])
    assert "1 of 6 rows have no value" in queries.notes[1]


def test_a_symbol_counts_before_an_alias_and_probes_as_their_mean(names, tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("gene\tt\nTOMM70A\t9\nTOMM70\t1\nCDK2\t2\nCDK2\t4\nTP53\t1\n")
    queries = read_queries(path, names)
    assert queries.values[0, [4, 1]].tolist() == [1, 3]
    assert any("1 genes are there more than once" in note for note in queries.notes)


def test_a_numbering_of_the_rows_is_no_gene(names, tmp_path):
    # 16 and 1017 are Entrez ids of the model.
    table = pd.DataFrame({"gene": [f"g{i}" for i in range(1100)], "logFC": 1.0, "pvalue": 0.5})
    table.loc[7, "gene"] = "TP53"
    table.to_csv(tmp_path / "t.csv")
    queries = read_queries(tmp_path / "t.csv", names)
    assert np.flatnonzero(np.isfinite(queries.values[0])).tolist() == [2]


def test_lengths_of_genes_are_no_ids(names, tmp_path):
    # As of a table of mouse genes: no name is known, and lengths are numbers of the model's ids.
    table = pd.DataFrame({"gene": [f"ENSMUSG{i:011d}" for i in range(60)], "logFC": 1.0})
    table = table.assign(length=[16, 1017, 7157] * 20, pvalue=0.5)
    table.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(SvqvaeError, match="no column names genes of the model"):
        read_queries(tmp_path / "t.csv", names)


def test_columns_may_be_named(names, tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("id\tother\tstrength\tpvalue\nx\tCDK2\t5\t0.1\ny\tTP53\t-2\t0.1\n")
    queries = read_queries(path, names, gene="other", value="strength")
    assert queries.values[0, 1:3].tolist() == [5, -2]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("gene\tlogFC\tpvalue\n", {}, "has a header and no rows"),
        ("gene\tlogFC\tpvalue\nCDK2\tup\t0.1\n", {}, "'up' in row 1; name a column of numbers"),
        ("gene\tlogFC\tpvalue\nCDK2\t1,5\t0.1\n", {}, "numbers have a point, not a comma"),
        ("gene\tlogFC\tpvalue\nCDK2\t1\t12\n", {}, "12 in row 1, expected p-values from 0 to 1"),
        ("gene\tlogFC\tpvalue\nYFG1\t1\t0.1\n", {}, "no column names genes of the model"),
        ("gene\tfdr\tpvalue\nCDK2\t1\t0.1\n", {}, "no column of values; found gene, fdr, pvalue"),
        ("gene\tlogFC\tpvalue\nCDK2\t1\t0.1\n", {"value": "logfc"}, "did you mean 'logFC'"),
        ("gene\tlogFC\tpvalue\nCDK2\t1\t0.1\n", {"gene": "genes"}, "did you mean 'gene'"),
        ("CDK2\nTP53\n", {}, "give lists by --up t.tsv"),
    ],
)
def test_wrong_tables_say_what_to_do(text, options, message, names, tmp_path):
    (tmp_path / "t.tsv").write_text(text)
    with pytest.raises(SvqvaeError, match=message):
        read_queries(tmp_path / "t.tsv", names, **options)


def test_a_deseq2_table_is_not_read_as_signatures(tables, names):
    queries = read_queries(tables("deseq2.csv"), names)
    assert len(queries.names) == 1  # not one for each of its 6 genes
