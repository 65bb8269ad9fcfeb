"""Genes that are named by another kind of ids are said to be."""

import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming
from test_io_gctx import make

from svqvae.io import read
from svqvae.io.id_kinds import kind_of_ids
from svqvae.io.ids import positions

IDS = {
    "Entrez ids": ["16", "5720", "100130771"],
    "Entrez ids with decimals": ["16.0", "5720.0"],
    "Entrez ids with an X before them (as R writes names)": ["X16", "X5720"],
    "Ensembl ids": ["ENSG00000141510", "ENSG00000141510.17", "ENSMUSG00000059552"],
    "RefSeq ids": ["NM_000546", "NR_176326.1"],
    "probes": ["200814_at", "218597_s_at", "AFFX-BioB-3_at"],
    "symbols": ["TP53", "HLA-A", "C1orf112", "Trp53", "AC004556.1"],
}


@pytest.mark.parametrize("kind", IDS)
def test_kinds(kind):
    assert kind_of_ids(IDS[kind]) == kind


def test_unknown_kinds():
    assert kind_of_ids([]) is None
    assert kind_of_ids(["g 1", "?", "-"]) is None


@pytest.mark.parametrize("kind", [k for k in IDS if k != "Entrez ids"])
def test_both_kinds_are_named(kind):
    ids = pd.Index(IDS[kind])
    words = ("3 of 3 gene ids", "wanted are Entrez ids ('16', '23', '387', ...)", kind, ids[0])
    with raises_naming("new.csv", *words):
        positions(["16", "23", "387"], ids, "gene", "new.csv")


def test_the_same_kind_is_not_said_to_be_another(tmp_path):
    path = make(tmp_path / "a.gctx", np.ones((1, 3), np.float32), genes=["9125", "9127", "9128"])
    with raises_naming(path, "1 of 1 gene ids are not in the file, first '9126'") as caught:
        read(path, genes=["9126"])
    assert "did you mean" not in str(caught.value)
    assert "9125" not in str(caught.value)
