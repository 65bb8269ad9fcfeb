"""Tables of signatures as R, pandas, spreadsheets and people write them: the values, or why not."""

import bz2
import gzip
import lzma

import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.io import read

WANT = np.array([[0.5, -1], [2, np.nan]], np.float32)


def put(path, text, encoding="utf-8"):
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def check(path, ids=("A", "B"), genes=("780", "16"), x=WANT):
    adata = read(path)
    assert (list(adata.obs_names), list(adata.var_names)) == (list(ids), list(genes))
    np.testing.assert_array_equal(adata.X, x)
    return adata


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_any_encoding_line_end_and_separator(tmp_path, encoding, end, separator):
    lines = [
        "# made by x, y",
        "! and z",
        "",
        "sig_id;Metadata_dose;780;16",
        "A;10 µM;0.5;-1",
        "B;NA;2;",
    ]
    text = "".join(line.replace(";", separator) + end for line in lines)
    adata = check(put(tmp_path / "a.csv", text, encoding))
    assert adata.obs["dose"].iloc[0] == "10 µM"
    assert pd.isna(adata.obs["dose"].iloc[1])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz", "a.tsv.xz"])
def test_packed_under_any_name(tmp_path, pack, name):
    check(put(tmp_path / name, pack(b"sig_id\t780\t16\nA\t0.5\t-1\nB\t2\tNA\n")))


@pytest.mark.parametrize("name", ["a.tsv.gz", "a.csv.bz2", "a.csv.xz"])
def test_cut_while_packed(tmp_path, name):
    pack = {"gz": gzip, "bz2": bz2, "xz": lzma}[name.rpartition(".")[-1]].compress
    raw = pack(b"sig_id\t780\t16\n" + b"A\t0.5\t-1\n" * 999)
    with raises_naming(put(tmp_path / name, raw[:-9]), "cut or damaged"):
        read(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        '"780","16"\n"A",0.5,-1\n"B",2,\n',  # R: write.csv with its row names, NA as empty
        ",780,16\nA,0.5,-1\nB,2,NaN\n",  # pandas
        "sig_id,780,16,\nA,0.5,-1,\nB,2,-666,\n",  # a separator at each line's end
        "sig_id,780,16\n1,A,0.5,-1\n2,B,2,NA\n",  # R: row names before the ids
        'sep=;\nsig_id;780;16\n"A";0.5;-1\n"B";2;#N/A\n',  # spreadsheets
        "Metadata_sig_id,780,16\nA , 0.5,-1\nB,2, NA \n",  # blanks around ids and values
    ],
)
def test_ids_and_values_of_other_writers(tmp_path, text):
    check(put(tmp_path / "a.csv", text))


def test_row_names_and_a_last_column_that_is_empty_are_not_guessed(tmp_path):
    with raises_naming(put(tmp_path / "a.csv", "g1,g2,g3\nA,1,2,\nB,3,4,\n"), "row name"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "culprits"),
    [
        ("780,16\n0.5,1\n", ["no column of ids", "'780'", "0.5"]),
        ("TP53,MDM2\n0.5,1\n", ["no column of ids", "'TP53'", "0.5"]),
        ("TP53,MDM2\n5,1\n", ["no column of ids", "'TP53'"]),
        ("259,407\nA,1\n", ["'259'", "called as a gene"]),  # row names, and the last field lost
        ("Metadata_pert_id,g1\nA,1\n", ["no column of ids", "'Metadata_pert_id'"]),
        ("sig_id,Metadata_sig_id,g1\nA,B,1\n", ["are both ids and differ"]),
        ("sig_id,g1,,g2\nA,1,2,3\n", ["column 3 of 4 has no name but values, first '2'"]),
        ("sig_id,g1\n,1\n", ["row 1 of its 1 signatures has no id"]),
        ("sig_id,g1\nA,1\nA ,2\n", ["1 duplicate signature ids, first 'A'"]),
        ("sig_id,Metadata_,g1\nA,1,2\n", ["'Metadata_' has no name"]),
        ("sig_id,cell_id,g1\nA,A375,1\n", ["'cell_id' holds 'A375'", "'Metadata_cell_id'"]),
        ("sig_id,pert_time,g1\nA,24,1\n", ["'pert_time' holds '24'", "'Metadata_pert_time'"]),
        ("sig_id,pert_id,cell_id\nA,BRD,A375\n", ["a table of metadata", "'pert_id' holds 'BRD'"]),
        ("sig_id;g1\nA;1,5\n", ["'g1' holds '1,5'", "a decimal point"]),
        ("sig_id g1\nA 1\n", ["no gene among its columns", "tab, comma and semicolon"]),
        ('sig_id,Metadata_x,g1\nA,"5,1\nB,y,2\n', ["line 2 a quote is opened and not closed"]),
        ('sig_id,Metadata_x,g1\nA,"5,1\nB,y,2\nC,z",3\n', ["line 2 a quote"]),
        ('sig_id;Metadata_x;g1\n"A;"c;d";1\n', ["line 2 a quote"]),
        ("sig_id,g1\nA\0,1\n", ["not text"]),
        ("#only\n!comments\n", ["empty but for comments"]),
        ("gene,S1,S2\nTP53,1,2\n", ["lies genes down", "'gene'", "Transpose"]),
        (",A:1:2,B:1:2\n780,1,2\n16,3,4\n", ["lies genes down", "Transpose"]),
        (",first sample,second sample\n780,1,2\n16,3,4\n", ["lies genes down"]),
        (",S1,S2\n200814_at,1,2\n", ["lies genes down"]),
        (",control,treated_2\n780,1,2\n16,3,4\n", ["lies genes down"]),
        (
            "gene,baseMean,log2FoldChange,lfcSE,stat,pvalue,padj\nTP53,1,2,3,4,5,6\n",
            ["differential expression", "log2FoldChange"],
        ),
        (
            ",logFC,AveExpr,t,P.Value,adj.P.Val,B\nTP53,1,2,3,4,5,6\n",
            ["differential expression", "adj.P.Val"],
        ),
        ("gene,logFC\nTP53,1\n", ["differential expression"]),
    ],
)
def test_what_is_no_table_of_signatures_is_named(tmp_path, text, culprits):
    with raises_naming(put(tmp_path / "a.csv", text), *culprits) as caught:
        read(tmp_path / "a.csv")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("symbols", ["Gapdh,Actb,Stat3,Egfr", "gapdh,actb1,pcna,mapk14a"])
@pytest.mark.parametrize("name", ["id", "", "sample"])
def test_symbols_of_mice_and_fish_beside_ids_that_are_numbers(tmp_path, symbols, name):
    rows = "".join(f"{i},0.5,-1,2,0\n" for i in (1001, 1005, 1010, 1020))
    adata = read(put(tmp_path / "a.csv", f"{name},{symbols}\n{rows}"))
    assert list(adata.var_names) == symbols.split(",")
    assert list(adata.obs_names) == ["1001", "1005", "1010", "1020"]


def test_genes_asked_for_that_lie_down_the_rows(tmp_path):
    put(tmp_path / "a.csv", ",S1,S2\nTP53,1,2\nMDM2,3,4\n")
    with raises_naming(tmp_path / "a.csv", "lies genes down", "2 of 2 genes asked for are rows"):
        read(tmp_path / "a.csv", genes=["MDM2", "TP53"])


def test_symbols_asked_of_a_file_of_entrez_ids(tmp_path):
    put(tmp_path / "a.csv", "sig_id,780,16\nA,1,2\n")
    with raises_naming(tmp_path / "a.csv", "symbols ("):
        read(tmp_path / "a.csv", genes=["MDM2", "TP53"])


@pytest.mark.parametrize("text", ["sig_id,g1\n", "sig_id,g1", "sig_id\tg1\r\n"])
def test_a_header_alone_is_no_signatures(tmp_path, text):
    assert read(put(tmp_path / "a.csv", text)).shape == (0, 1)


def test_ids_that_look_like_something_else_are_kept(tmp_path):
    text = 'sig_id\tg1\n0012\t1\nNA\t2\n1e5\t3\n"a\tb"\t4\n5" x\t5\nµ\t6\n'
    adata = read(put(tmp_path / "a.tsv", text))
    assert list(adata.obs_names) == ["0012", "NA", "1e5", "a\tb", '5" x', "µ"]
    assert adata.X.ravel().tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("n", [99_999, 1])
def test_messages_are_shorter_than_a_screen(tmp_path, n):
    wide = ",".join(f"c{i}" for i in range(5000))
    for text in (f"sig_id,{'x' * n}\nA,{'y' * n}\n", f"{wide}\n{wide}\n", f"sig_id\n{'y' * n}\n"):
        with raises_naming(put(tmp_path / "a.csv", text)) as caught:
            read(tmp_path / "a.csv")
        assert len(str(caught.value)) < 1000
