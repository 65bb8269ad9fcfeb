"""Genes by Entrez id, symbol, former symbol and Ensembl id."""

import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.query.gene_table import gene_table
from svqvae.query.genes import GeneNames, read_gene_names


def test_names_of_all_kinds_find_the_same_genes(names):
    for asked in (
        ["16", "1017", "7157"],
        ["16.0", "X1017", " 7157 "],
        ["AARS1", "CDK2", "TP53"],
        ["aars1", "Cdk2", "tp53"],
        ["AARS", "CDK2", "TP53"],
        ["ENSG00000090861", "ENSG00000123374.12", "ensg00000141510.18"],
    ):
        assert names.find(asked).at.tolist() == [0, 1, 2], asked


def test_what_is_no_gene_of_the_model_is_nowhere(names):
    found = names.find(["GAPDH", "nothing", "ENSG00000999999", "", "99999999"])
    assert found.at.tolist() == [-1] * 5


def test_an_alias_is_less_direct_than_a_symbol(names):
    assert names.find(["TOMM70", "TOMM70A"]).directness.tolist() == [0, 1]


def test_a_name_of_two_genes_is_used_for_none():
    table = gene_table()
    # p38 is an alias of MAPK14, AIMP2 and others.
    assert "P38" not in table.aliases
    # No alias is another gene's symbol.
    assert not set(table.aliases) & set(table.symbols)


def test_every_measured_gene_of_the_public_set_has_an_ensembl_id(shared_data):
    genes = pd.read_csv(shared_data / "public" / "genes.tsv", sep="\t", dtype=str)
    measured = genes[genes["status"] == "measured"]
    names = GeneNames(measured["entrez_gene_id"].tolist())
    ensembl = {entrez: name for name, entrez in gene_table().ensembl.items()}
    by_ensembl = [ensembl.get(entrez, "") for entrez in names.genes]
    assert names.find(by_ensembl).at.tolist() == list(range(978))
    assert names.find(measured["symbol"]).at.tolist() == list(range(978))


def test_a_model_of_symbols_is_asked_by_other_names():
    names = GeneNames(["CDK2", "TP53"])
    assert names.find(["1017", "ENSG00000141510"]).at.tolist() == [0, 1]


def test_the_models_own_symbols_win():
    names = GeneNames(["1017", "7157"], symbols={"1017": "TP53"})
    assert names.find(["TP53"]).at.tolist() == [0]
    assert names.symbol("1017") == "TP53"


def test_a_table_brings_other_names(names, tmp_path):
    path = tmp_path / "probes.tsv"
    path.write_text("probe\tentrez\tremark\n200_at\t16\tsame\n201_at\t1017\tsame\nx_at\t5\tsame\n")
    others = read_gene_names(path, names.genes)
    assert others == {"200_AT": "16", "201_AT": "1017"}  # "same" names two genes
    assert GeneNames(names.genes, others=others).find(["201_at"]).at.tolist() == [1]
    path.write_text("probe\tother\n200_at\tzzz\n")
    with pytest.raises(SvqvaeError, match="no column holds the model's gene ids"):
        read_gene_names(path, names.genes)
