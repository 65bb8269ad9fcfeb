"""Where the class of a signature comes from, and the account of those that got none."""

import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.text import without_controls
from svqvae.pp.labels import join_listed, label_signatures
from svqvae.pp.source import Source


def classes(*args, **options):
    return label_signatures(*args, **options).classes


@pytest.fixture
def obs():
    return pd.DataFrame({"pert_id": ["p1", "p2", "p3", "p1"]}, index=["s1", "s2", "s3", "s4"])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("pert_id\tmoa\np1\tA|B\np2\tC\np3\t-666\n")
    return path


def test_first_takes_the_first_listed(obs, table):
    found = classes(obs, key="moa", table=table, policy="first")
    assert found.fillna("-").to_dict() == {"s1": "A", "s2": "C", "s3": "-", "s4": "A"}


def test_drop_leaves_ambiguous_perturbagens_without(obs, table):
    found = label_signatures(obs, key="moa", table=table, policy="drop")
    assert found.classes.dropna().to_dict() == {"s2": "C"}
    report = found.report.set_index("pert_id")
    assert report["status"].tolist() == ["several, dropped", "labelled", "no label"]
    assert report.loc["p1", "candidates"] == "pert_id: A|B"
    assert report["n_signatures"].tolist() == [2, 1, 1]


def test_duplicate_repeats_the_signature(obs, table):
    found = label_signatures(obs, key="moa", table=table, policy="duplicate")
    assert sorted(found.classes.dropna().items()) == [
        ("s1", "A"),
        ("s1", "B"),
        ("s2", "C"),
        ("s4", "A"),
        ("s4", "B"),
    ]
    assert found.report["class"].fillna("-").tolist() == ["A|B", "C", "-"]


def test_a_column_of_the_signatures_will_do(obs):
    obs["cls"] = ["x", "y", None, " x "]
    found = label_signatures(obs, key="cls")
    assert found.classes.dropna().tolist() == ["x", "y", "x"]
    assert found.report["status"].tolist() == ["labelled", "labelled", "no label"]
    assert found.report["class"].fillna("-").tolist() == ["x", "y", "-"]
    with pytest.raises(SvqvaeError, match="no column 'clss'; did you mean 'cls'"):
        label_signatures(obs, key="clss")
    obs["cls"] = ["x|z", "y", "y", "u"]
    dropped = label_signatures(obs, key="cls", policy="drop")
    assert dropped.classes.fillna("-").tolist() == ["-", "y", "y", "u"]
    several = label_signatures(obs[:3], key="cls", policy="drop").report
    assert several["status"].tolist() == ["several, dropped", "labelled", "labelled"]


def test_conflicting_rows_are_an_error_and_repeated_ones_are_not(obs, table):
    text = table.read_text()
    table.write_text(text + "p2\tC\np1\tB|A\np2\t-666\n")
    assert classes(obs, key="moa", table=table)["s2"] == "C"
    table.write_text(text + "p2\tD\n")
    with pytest.raises(SvqvaeError) as error:
        label_signatures(obs, key="moa", table=table)
    assert "1 perturbagens have more than one moa: 'p2' (pert_id: C; pert_id: D)" in str(
        error.value
    )
    assert "set labels.conflicts to first or drop" in str(error.value)


def test_conflicts_may_be_dropped_or_the_first_taken(obs, table):
    table.write_text(table.read_text() + "p2\tD\n")
    first = label_signatures(obs, key="moa", table=table, conflicts="first")
    assert first.classes["s2"] == "C"
    assert first.report.set_index("pert_id").loc["p2", ["status", "candidates"]].tolist() == [
        "labelled",
        "pert_id: C; pert_id: D",
    ]
    drop = label_signatures(obs, key="moa", table=table, conflicts="drop")
    assert pd.isna(drop.classes["s2"])
    assert drop.report.set_index("pert_id").loc["p2", "status"] == "conflict"


def test_a_conflict_of_perturbagens_that_are_not_here_does_not_matter(obs, table):
    table.write_text(table.read_text() + "p9\tC\np9\tD\n")
    assert classes(obs, key="moa", table=table)["s2"] == "C"


def test_a_join_that_matches_nothing_says_so(obs, table):
    obs["pert_id"] = ["q1", "q2", "q3", "q1"]
    with pytest.raises(SvqvaeError, match=r"'q1'.*'p1'"):
        label_signatures(obs, key="moa", table=table)
    with pytest.raises(SvqvaeError, match="no column 'mao'; did you mean 'moa'"):
        label_signatures(obs, key="mao", table=table)
    with pytest.raises(SvqvaeError, match="labels.on: no column 'moa' in the signatures"):
        label_signatures(obs, key="moa", table=table, on="moa")


KEYS = ["AAAAAAAAAAAAAA-BBBBBBBBBB-N", "AAAAAAAAAAAAAA-CCCCCCCCCC-N", "DDDDDDDDDDDDDD-BBBBBBBBBB-N"]


@pytest.fixture
def known():
    """Perturbagens with an id, a key and a name each."""
    return pd.DataFrame(
        {
            "pert_id": ["BRD-K00000001", "BRD-K00000002", "BRD-K00000003", "BRD-K00000004"],
            "inchi_key": [None, KEYS[0], KEYS[2], None],
            "pert_iname": ["one", "two", "three", " four "],
        }
    )


def write(path, rows, header="broad_id\tInChIKey\tpert_iname\tmoa"):
    path.write_text("\n".join([header, *("\t".join(r) for r in rows)]) + "\n")
    return path


ON = ["pert_id", "inchi_key", "pert_iname"]


def test_keys_are_tried_in_order(known, tmp_path):
    hub = write(
        tmp_path / "hub.tsv",
        [
            ("BRD-K00000001-001-01-1", "", "x", "A"),
            ("BRD-K00000001-003-02-9", "", "x", "A"),
            ("BRD-K10000000-001-01-1", KEYS[1], "y", "B"),
            ("BRD-K20000000-001-01-1", KEYS[2], "three", "C"),
            ("BRD-K30000000-001-01-1", "InChI=1S/C15", "four", "D"),
            ("BRD-K40000000-001-01-1", "InChI=1S/C15", "Four", "E"),
        ],
    )
    report = label_signatures(known, key="moa", table=hub, on=ON).report
    assert report["class"].tolist() == ["A", "B", "C", "D"]
    assert report["joined_by"].tolist() == ["pert_id", "inchi_key14", "inchi_key", "pert_iname"]
    ids = label_signatures(known, key="moa", table=hub, on="pert_id").report
    assert ids["status"].tolist() == ["labelled"] + ["unmatched"] * 3


def test_a_block_of_stereoisomers_that_differ_says_nothing(known, tmp_path):
    other = KEYS[1].replace("C", "E")
    hub = write(
        tmp_path / "hub.tsv",
        [
            ("BRD-K1", KEYS[1], "y", "agonist"),
            ("BRD-K2", other, "z", "antagonist"),
            ("BRD-K3", KEYS[2], "w", "C"),
        ],
    )
    report = label_signatures(known, key="moa", table=hub, on=ON).report
    assert report["status"].tolist() == ["unmatched", "unmatched", "labelled", "unmatched"]
    exact = hub.read_text() + f"BRD-K4\t{KEYS[0]}\tv\tneither\n"
    hub.write_text(exact)
    assert label_signatures(known, key="moa", table=hub, on=ON).report["class"][1] == "neither"


def test_names_are_compared_in_any_case_where_none_is_the_same(known, tmp_path):
    rows = [("B1", "", "ONE", "A"), ("B2", "", "Two", "B"), ("B3", "", "TWO", "C")]
    hub = write(tmp_path / "hub.tsv", [*rows, ("B4", "", "three", "D"), ("B5", "", "THREE", "E")])
    report = label_signatures(known, key="moa", table=hub, on="pert_iname").report
    assert report["joined_by"].tolist()[:3] == ["pert_iname (any case)", None, "pert_iname"]
    # Names that differ by case only and say different things say nothing.
    assert report["class"].tolist() == ["A", None, "D", None]


def test_keys_that_contradict_each_other_are_a_conflict(known, tmp_path):
    hub = write(
        tmp_path / "hub.tsv",
        [("BRD-K00000001-001-01-1", "", "x", "A"), ("BRD-K10000000-001-01-1", "", "one", "B|A")],
    )
    with pytest.raises(SvqvaeError, match=r"BRD-K00000001 / one' \(pert_id: A; pert_iname: B\|A\)"):
        label_signatures(known, key="moa", table=hub, on=ON)
    first = label_signatures(known, key="moa", table=hub, on=ON[::-1], conflicts="first").report
    assert first.loc[0, ["class", "joined_by"]].tolist() == ["B", "pert_iname"]


def test_a_row_without_a_label_leaves_the_word_to_the_next_key(known, tmp_path):
    hub = write(
        tmp_path / "hub.tsv",
        [("BRD-K00000001-001-01-1", "", "x", ""), ("BRD-K10000000-001-01-1", "", "one", "B")],
    )
    report = label_signatures(known, key="moa", table=hub, on=ON).report
    assert report.loc[0, ["status", "class", "joined_by"]].tolist() == [
        "labelled",
        "B",
        "pert_iname",
    ]


def test_key_columns_that_one_side_lacks_are_skipped_and_misspelt_ones_are_not(obs, table):
    found = label_signatures(obs, key="moa", table=table, on=ON)
    assert found.classes["s2"] == "C"
    with pytest.raises(SvqvaeError, match="labels.on: no column 'pert_inam' in the signatures"):
        label_signatures(obs, key="moa", table=table, on=["pert_id", "pert_inam"])
    with pytest.raises(SvqvaeError, match="no column of inchi_key, pert_iname is in"):
        label_signatures(obs, key="moa", table=table, on=["inchi_key", "pert_iname"])


def test_a_class_per_cell_line_may_be_joined_too(obs, table):
    table.write_text("cell_iname\ttissue\nA\tskin\nB\tlung\n")
    obs["cell_id"] = ["A", "B", "A", "B"]
    found = label_signatures(obs, key="tissue", table=table, on="cell_id")
    assert found.classes.tolist() == ["skin", "lung", "skin", "lung"]
    assert len(found.report) == 4


def test_labels_may_be_numbers_zero_among_them(obs):
    for values in ([0, 1, 2, 0], [0.0, 1.0, None, 0.0], pd.Categorical([0, 1, 2, 0])):
        obs["digit"] = values
        found = classes(obs, key="digit")
        assert found["s1"] == "0"
        assert found["s2"] == "1"


def test_a_label_listed_twice_counts_once(obs, table):
    table.write_text("pert_id\tmoa\np1\tA|A| A\np2\tC|\np3\t|\n")
    found = classes(obs, key="moa", table=table, policy="duplicate").dropna()
    assert sorted(found.items()) == [("s1", "A"), ("s2", "C"), ("s4", "A")]


def test_the_real_hub_on_the_real_consensus_set(shared_data):
    """Held against the labels that were joined independently when the set was made."""
    folder = shared_data / "l1000_consensus"
    obs = (
        Source(
            signatures=folder / "consensus_n965x978.gctx",
            sig_info=folder / "consensus_sig_info.txt",
        )
        .metadata()
        .obs
    )
    hub = {"key": "moa", "table": folder / "repurposing_hub.tsv", "policy": "duplicate"}
    reference = pd.read_csv(folder / "consensus_pert_moa.tsv", sep="\t").set_index("pert_id")
    by_id = label_signatures(obs, **hub).report.set_index("pert_id")
    assert by_id["status"].value_counts().to_dict() == {
        "labelled": 674,
        "unmatched": 287,
        "no label": 4,
    }
    assert by_id.index[by_id["status"] == "labelled"].equals(
        reference.index[reference["moa_source"] == "rephub:pert_id"]
    )
    # Two ids say something else than the same compound's name does: one is another compound.
    with pytest.raises(SvqvaeError, match="2 perturbagens.*BRD-K70511574 / sunitinib"):
        label_signatures(obs, **hub, on=ON)
    report = label_signatures(obs, **hub, on=ON, conflicts="drop").report.set_index("pert_id")
    labelled = report[report["status"] == "labelled"]
    assert labelled["joined_by"].value_counts().to_dict() == {
        "pert_id": 672,
        "pert_iname": 176,
        "pert_iname (any case)": 4,
    }
    assert (report["status"] == "conflict").sum() == 2
    same = [
        # The Hub has a dash in a wrong encoding, whose control characters become a space.
        set(mine.split("|")) == {" ".join(without_controls(t).split()) for t in theirs.split("|")}
        for mine, theirs in zip(
            labelled["class"], reference.loc[labelled.index, "moa"], strict=True
        )
    ]
    assert (sum(same), len(same)) == (850, 852)


@pytest.mark.parametrize("ids", [[None] * 6, ["x"] * 6, ["x", None, "x", None, "y", "y"]])
def test_names_decide_where_ids_do_not_tell_perturbagens_apart(tmp_path, ids):
    names = [f"c{i}" for i in range(6)]
    table = tmp_path / "labels.tsv"
    table.write_text("pert_iname\tmoa\n" + "".join(f"{n}\t{n.upper()}\n" for n in names))
    obs = pd.DataFrame({"pert_id": ids, "pert_iname": names}, index=[f"s{i}" for i in range(6)])
    found = label_signatures(obs, key="moa", table=table, on="pert_iname")
    assert found.classes.to_list() == [n.upper() for n in names]


def test_targets_of_a_perturbagen_go_to_each_of_its_signatures(obs, tmp_path):
    path = tmp_path / "targets.tsv"
    path.write_text("pert_id\ttarget\np1\tT1|T2\np2\t\np1\tT3\n")
    found = join_listed(obs, key="target", table=path)
    assert found.index.equals(obs.index)
    assert found.fillna("-").tolist() == ["T1|T2", "-", "-", "T1|T2"]
    with pytest.raises(SvqvaeError, match="no column 'targt'; did you mean 'target'"):
        join_listed(obs, key="targt", table=path)


MISSING = ["NA", "NaN", "nan", "#N/A", "null", "None", "<NA>", "", "-666"]


@pytest.mark.parametrize("word", MISSING)
def test_a_word_for_a_missing_mechanism_is_no_class(obs, tmp_path, word):
    path = tmp_path / "labels.tsv"
    path.write_text(f"pert_id\tmoa\np1\tA\np2\t{word}\np3\tB\n")
    found = label_signatures(obs, key="moa", table=path)
    assert found.classes.fillna("-").tolist() == ["A", "-", "B", "A"]
    assert found.report.set_index("pert_id")["status"]["p2"] == "no label"
    own = pd.DataFrame({"pert_id": ["p1", "p2"], "moa": ["A", word]}, index=["s1", "s2"])
    assert classes(own, key="moa").fillna("-").tolist() == ["A", "-"]


def test_one_missing_among_several_labels_is_left_out(obs, tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("pert_id\tmoa\np1\tNA|A|nan\np2\tB\np3\tB|n/a\n")
    found = label_signatures(obs, key="moa", table=path, policy="drop")
    assert found.classes.tolist() == ["A", "B", "B", "A"]


def test_line_breaks_in_a_label_become_spaces():
    own = pd.DataFrame({"pert_id": ["p1", "p2"], "moa": ["A\rB", " C \n D\t"]}, index=["s1", "s2"])
    assert classes(own, key="moa").tolist() == ["A B", "C D"]
