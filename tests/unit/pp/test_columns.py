"""Tables whose columns have names of their own, and tables of one signature per perturbagen."""

import logging

import pytest

from svqvae.errors import SvqvaeError
from svqvae.pp.columns import misspelt
from svqvae.pp.labels import label_signatures
from svqvae.pp.preprocess import prepare
from svqvae.pp.source import Source, columns_of, make_source, paths_of

KEYS = ["AAAAAAAAAAAAAA-BBBBBBBBBB-N", "CCCCCCCCCCCCCC-BBBBBBBBBB-N", "DDDDDDDDDDDDDD-BBBBBBBBBB-N"]
COLUMNS = {"pert_id": "drugbank_id", "pert_iname": "name", "inchi_key": "inchikey"}
ON = {"inchi_key": "InChIKey", "pert_iname": "generic"}


@pytest.fixture
def files(tmp_path):
    """A consensus of three drugs as DrugBank and the hub know them, and the rest in short."""
    texts = {
        "matrix.tsv": "drug\t780\t16\nDB1\t1\t-2\nDB2\t-1\t2\nDB3\t3\t-1\n",
        "drugs.tsv": "drugbank_id\tname\tinchikey\tdescription\n"
        + f'DB1\tOne\tInChIKey={KEYS[0]}\t"two\nlines"\n'
        + f"DB2\tTwo\tinchikey={KEYS[1]}\tx\nDB3\tThree\t\tx\nDB4\tFour\t{KEYS[2]}\tx\n",
        "hub.tsv": "broad_id\tgeneric\tInChIKey\tmoa\tgenes\n"
        + f"BRD-1\tunus\t{KEYS[0]}\tA\tG|H\nBRD-2\tduo\t{KEYS[1][:15]}XXXXXXXXXX-N\tB\tG\n"
        + f"BRD-3\tTHREE\t{KEYS[2]}\tA|C\t\n",
        "genes.tsv": "entrez_gene_id\tstatus\tsymbol\tdescription\n"
        + "16\timputed\tAARS\tx\n780\tmeasured\tDDR1\ty\n99\tmeasured\tZ\tz\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def source(files, **changed):
    described = {
        "signatures": files / "matrix.tsv",
        "gene_info": files / "genes.tsv",
        "pert_info": {"path": files / "drugs.tsv", "columns": dict(COLUMNS)},
        **changed,
    }
    return make_source("table", paths_of(described), columns=columns_of(described))


def test_tables_join_by_the_names_that_they_have(files):
    labels = {"key": "moa", "table": files / "hub.tsv", "on": ON, "targets": "genes"}
    made = prepare(
        source(files),
        labels=labels,
        filters={"genes": "landmark", "min_perturbagens_per_class": 1},
        split={"folds": 1},
    )
    assert made.obs.index.tolist() == ["DB1", "DB2", "DB3"]
    assert made.obs["pert_id"].tolist() == ["DB1", "DB2", "DB3"]
    assert made.obs["pert_iname"].tolist() == ["One", "Two", "Three"]
    assert made.obs["inchi_key"].tolist()[:2] == KEYS[:2]
    assert made.obs["class"].tolist() == ["A", "B", "A"]
    assert made.obs["target"].tolist()[:2] == ["G|H", "G"]
    assert made.labels["joined_by"].tolist() == [
        "inchi_key",
        "inchi_key14",
        "pert_iname (any case)",
    ]
    # Of a table that says what its columns are called, the others are left where they are.
    assert "description" not in made.obs
    assert made.var.index.tolist() == ["780"]
    assert made.var[["pr_gene_symbol", "pr_gene_title", "pr_is_lm"]].to_numpy().tolist() == [
        ["DDR1", "y", 1]
    ]
    assert set(made.parameters["source"]) >= {"pert_info", "pert_info_sha256"}


def test_any_table_of_a_source_may_have_names_of_its_own(files):
    (files / "mine.tsv").write_text("row\tsubstance\tline\nDB1\tp\tM\nDB3\tq\tP\n")
    (files / "g.tsv").write_text("number\tword\n780\tDDR1\n16\tAARS\n")
    found = Source(
        signatures=files / "matrix.tsv",
        sig_info=files / "mine.tsv",
        gene_info=files / "g.tsv",
        columns={
            "sig_info": {"sig_id": "row", "pert_id": "substance", "cell_iname": "line"},
            "gene_info": {"pr_gene_id": "number", "gene_symbol": "word"},
        },
    ).metadata()
    assert found.obs["pert_id"].tolist() == ["p", "q"]
    assert found.obs["cell_id"].tolist() == ["M", "P"]
    assert found.var["pr_gene_symbol"].tolist() == ["DDR1", "AARS"]
    assert found.in_matrix == 3


def test_all_misspelt_columns_are_named_at_once(files):
    wrong = {"pert_id": "drugbank", "inchi_key": "inchi_key", "pert_iname": "name"}
    changed = source(files, pert_info={"path": files / "drugs.tsv", "columns": wrong})
    labels = {"key": "moa", "table": files / "hub.tsv", "on": {"inchi_key": "InChiKey"}}
    with pytest.raises(SvqvaeError) as caught:
        prepare(changed, labels=labels)
    assert caught.value.problems == [
        f"{files}/drugs.tsv: no column 'drugbank', as source.pert_info.columns calls pert_id; did "
        "you mean 'drugbank_id'?",
        f"{files}/drugs.tsv: no column 'inchi_key', as source.pert_info.columns calls inchi_key; "
        "did you mean 'inchikey'?",
        f"{files}/hub.tsv: no column 'InChiKey', as labels.on calls inchi_key; did you mean "
        "'InChIKey'?",
    ]
    # And by each on its own.
    with pytest.raises(SvqvaeError, match="no column 'drugbank'"):
        changed.metadata()
    obs = source(files).metadata().obs
    with pytest.raises(SvqvaeError, match="no column 'InChiKey'"):
        label_signatures(obs, **labels)


def test_what_a_mapping_names_is_not_skipped(files):
    """Unlike names of a list, which may be on one side only."""
    obs = source(files).metadata().obs.drop(columns="inchi_key")
    with pytest.raises(SvqvaeError, match="labels.on: no column 'inchi_key' in the signatures"):
        label_signatures(obs, key="moa", table=files / "hub.tsv", on=ON)


def test_the_order_of_a_mapping_counts(files):
    hub = files / "hub.tsv"
    hub.write_text(hub.read_text() + f"BRD-9\tone\t{KEYS[2]}\tOther\t\n")
    obs = source(files).metadata().obs
    for on, label in ((ON, "A"), (dict(reversed(ON.items())), "Other")):
        found = label_signatures(obs, key="moa", table=hub, on=on, conflicts="first")
        assert found.classes["DB1"] == label


def test_a_column_may_be_key_and_label(files):
    obs = source(files).metadata().obs
    found = label_signatures(
        obs, key="InChIKey", table=files / "hub.tsv", on={"inchi_key": "InChIKey"}
    )
    assert found.classes["DB1"] == KEYS[0]


@pytest.mark.parametrize(
    ("called", "taken"),
    [
        *[(name, True) for name in ("perturbagen", "drug", "DrugBank ID", "id", "Wirkstoff")],
        *[(name, False) for name in ("sig_id", "sample", "Sample_ID", "profile", "well", "row no")],
    ],
)
def test_ids_are_perturbagens_where_nothing_else_is_and_their_name_allows_it(
    files, called, taken, caplog
):
    caplog.set_level(logging.INFO, logger="svqvae")
    matrix = files / "matrix.tsv"
    matrix.write_text(matrix.read_text().replace("drug", called))
    obs = Source(signatures=matrix).metadata().obs
    assert ("pert_id" in obs) == taken
    assert called not in obs or not taken
    assert (f"its ids, '{called}', are taken for pert_id too" in caplog.text) == taken
    matrix.write_text(f"{called}\tMetadata_pert_id\t780\na\tDB1\t1\nb\tDB1\t2\n")
    assert Source(signatures=matrix).metadata().obs["pert_id"].tolist() == ["DB1", "DB1"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("pert_inam", "pert_iname"), ("inchikey", None), ("pert_idose", None), ("moa", None)],
)
def test_our_names_may_be_misspelt_too(name, meant):
    assert misspelt(name) == meant
