"""Gene lists as people keep them, and what is said where one cannot be used."""

import gzip

import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.pp.genes import choose_genes

VAR = pd.DataFrame(
    {"pr_gene_symbol": ["TP53", "MDM2", None, "NA", "TWIN", "TWIN", "µGENE"]},
    index=["7157", "4193", "9", "8", "1", "2", "3"],
)


def put(path, text, encoding="utf-8"):
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return str(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(tmp_path, encoding, end):
    lines = ["# our genes, for x", "", "TP53", '"4193"', "  µGENE ", "TP53", ""]
    path = put(tmp_path / "genes", "".join(line + end for line in lines), encoding)
    assert choose_genes(VAR, path) == ["7157", "4193", "3"]


def test_packed(tmp_path):
    assert choose_genes(VAR, put(tmp_path / "a.txt", gzip.compress(b"MDM2\n", mtime=0))) == ["4193"]


@pytest.mark.parametrize(
    ("text", "culprits"),
    [
        ("gene\nTP53\n", ["its first line, 'gene', is a header"]),
        (
            "Gene_Symbol\nTP53\nLOST\n",
            ["is a header", "1 of 3 genes are not in the data", "'LOST'"],
        ),
        ("TP53\tx\nMDM2\ty\n", ["2 lines hold more than one gene", "one id or symbol a line"]),
        ("TP53,MDM2\n", ["1 lines hold more than one gene"]),
        ("TWIN\n", ["1 symbols belong to several genes, first 'TWIN' (1, 2)"]),
        ("nan\n", ["1 of 1 genes are not in the data"]),
        ("None\n", ["1 of 1 genes are not in the data"]),
        ("NA\n", ["1 of 1 genes are not in the data"]),
        ("\n# x\n", ["holds no gene"]),
        ("", ["holds no gene"]),
        (b"PK\x03\x04", ["packed as zip"]),
        (b"TP53\0\n", ["not text"]),
        (gzip.compress(b"TP53\n" * 999, mtime=0)[:-9], ["not a list of genes"]),
        ("x" * 9999, ["1 of 1 genes are not in the data"]),
    ],
)
def test_what_is_no_list_is_named(tmp_path, text, culprits):
    path = put(tmp_path / "genes.txt", text)
    with pytest.raises(SvqvaeError) as caught:
        choose_genes(VAR, path)
    for culprit in [path, *culprits]:
        assert culprit in str(caught.value)
    assert len(str(caught.value)) < 1000
