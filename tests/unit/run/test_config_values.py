"""Values of a configuration: their types, bounds and choices."""

import pytest
import yaml
from config_cases import problems, problems_of, small

from svqvae.run.config import check, restore_on


def with_columns(columns):
    return {"kind": "gctx", "pert_info": {"path": "p.tsv", "columns": columns}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(seeds=[0.0]), "found 0.0, expected a whole number"),
        (lambda c: c["datasets"]["simulated"]["split"].update(folds=8), "makes 6 compounds"),
        (
            lambda c: c["datasets"]["simulated"]["labels"].update(table="t.tsv"),
            "a simulated set brings its own table",
        ),
        (lambda c: c["analysis"].update(clusters="many"), "expected auto or a whole number"),
        (lambda c: c["analysis"].update(simulation="paper"), "expected a list"),
        (lambda c: c.update(seeds=[]), "seeds"),
        (lambda c: c.update(seeds=[1, 1]), "seeds"),
        (
            lambda c: c["datasets"]["simulated"]["source"]["simulation"].update(
                compounds_per_class=3
            ),
            "5 folds, but source.simulation makes 3 compounds",
        ),
        (
            lambda c: c["datasets"]["simulated"]["source"].update(signatures="x.gctx"),
            "a simulated set takes no such key",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(source={"kind": "gctx"}),
            "missing key 'signatures'",
        ),
        (
            lambda c: c["datasets"]["simulated"]["filters"].update(genes="landmrk"),
            "did you mean 'landmark'",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "gctx", "signatures": "a.h5ad"}
            ),
            "kind gctx, but 'a.h5ad' is named like h5ad",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "idx", "signatures": "a", "pert_info": "b"}
            ),
            "source.pert_info: not for kind idx",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "idx", "signatures": "a", "sig_info": {"path": "b"}}
            ),
            "source.sig_info: of kind idx it is no table; give its path",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(source=with_columns({"pert_iname": "b"})),
            "source.pert_info.columns: 'pert_id' is missing, by which the table is joined",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source=with_columns({"pert_id": "a", "pert_inam": "b"})
            ),
            "columns: no column of ours is called 'pert_inam'; did you mean 'pert_iname'?",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "h5ad", "signatures": "a.h5ad", "columns": {"pert_idd": "drug"}}
            ),
            "source.columns: no column of ours is called 'pert_idd'; did you mean 'pert_id'?",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "idx", "signatures": "a", "columns": {"pert_id": "drug"}}
            ),
            "source.columns: images have no table of their own",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(source=with_columns({"pert_id": 3})),
            "source.pert_info.columns.pert_id: found 3, expected text",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "gctx", "pert_info": {"columns": {"pert_id": "a"}}}
            ),
            "source.pert_info: missing key 'path'",
        ),
        (
            lambda c: c["datasets"]["simulated"].update(
                source={"kind": "gctx", "pert_info": {"pth": "a"}}
            ),
            "source.pert_info: unknown key 'pth'; did you mean 'path'?",
        ),
        (
            lambda c: c["datasets"]["simulated"]["labels"].update(on={}),
            "labels.on: found {}, expected 1 or more entries",
        ),
        (
            lambda c: c["datasets"]["simulated"]["labels"].update(on={"pert_id": ["a"]}),
            "labels.on.pert_id: found a list, expected text",
        ),
        (
            lambda c: c["datasets"]["simulated"]["filters"].update(dose_um=10),
            "filters.dose_um: found 10, expected a list or a mapping",
        ),
        (
            lambda c: c["datasets"]["simulated"]["filters"].update(time_h={"mn": 6}),
            "filters.time_h: unknown key 'mn'; did you mean 'min'?",
        ),
        (
            lambda c: c["datasets"]["simulated"]["filters"].update(quality={"is_gold": "percnt"}),
            "quality.is_gold: found 'percnt'; did you mean 'percent'?",
        ),
        (
            lambda c: c["datasets"]["simulated"]["filters"].update(quality={"qc_pass": "yes"}),
            "quality.qc_pass: found 'yes', expected a mapping or true or false",
        ),
        (
            lambda c: c["datasets"]["simulated"]["labels"].update(conflicts="dorp"),
            "labels.conflicts: found 'dorp'; did you mean 'drop'?",
        ),
        (
            lambda c: c["datasets"]["simulated"]["split"].update(duplicates=["inchikey"]),
            "found 'inchikey'; did you mean 'inchi_key'?",
        ),
        (lambda c: c.update(models=[]), "models: found [], expected a mapping"),
        (lambda c: c.update(datasets=None), "datasets: found None, expected a mapping"),
    ],
)
def test_each_mistake_in_a_whole_configuration_has_its_sentence(config, schema, change, message):
    change(config)
    assert any(message in p for p in problems(config, schema)), problems(config, schema)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: 2024-01-01", "title: found 2024-01-01, which YAML reads as date"),
        ("seeds: [-1]", "seeds.0: found -1, expected at least 0"),
        ("seeds: [1, 1]", "seeds: found [1, 1]: the same value twice"),
        ("seeds: [1e3]", "seeds.0: found '1e3', expected a whole number"),
        ("seeds: [4294967296]", "seeds.0: found 4294967296, expected at most 4294967295"),
        ("seeds: {a: 1}", "seeds: found a mapping, expected a list"),
        ("analysis: {drug_targets: {compounds: [d], knockdowns: {}}}", "expected text"),
        (
            "datasets: {d: {split: {folds: 1}}}",
            "datasets.d.split.folds: found 1, expected at least 2",
        ),
        ("datasets: {d: {clip: .nan}}", "datasets.d.clip: found nan, expected a finite number"),
        ("datasets: {d: {source: {kind: [gctx], signatures: a}}}", "source.kind: found a list"),
    ],
)
def test_numbers_and_types_have_their_sentence(schema, tmp_path, text, message):
    found = problems_of(text, schema, tmp_path)
    assert any(message in p for p in found), found


def test_the_choices_of_a_careful_analyst_are_valid(config, schema, tmp_path):
    dataset = config["datasets"]["simulated"]
    dataset["labels"] |= {"on": ["pert_id", "inchi_key", "pert_iname"], "conflicts": "drop"}
    dataset["filters"] |= {
        "dose_um": [10, 3.33],
        "time_h": {"min": 6, "max": 24},
        "quality": {"is_gold": "percent", "qc_pass": True, "tas": {"min": 0.2}},
        "expected": {"labels": 12079},
    }
    dataset["split"] |= {"duplicates": []}
    check(config, schema, root=tmp_path)
    dataset["filters"]["quality"]["is_gold"] = True
    check(config, schema, root=tmp_path)


def test_a_table_may_say_what_its_columns_are_called(config, schema, tmp_path):
    for name in ("m.tsv", "p.tsv", "l.tsv"):
        (tmp_path / name).touch()
    columns = {"pert_id": "drugbank_id", "cmap_name": "name", "moa": "mechanism"}
    dataset = config["datasets"]["simulated"]
    dataset["source"] = {
        "kind": "table",
        "signatures": "m.tsv",
        "pert_info": {"path": "p.tsv", "columns": columns},
    }
    dataset["labels"] |= {"table": "l.tsv", "on": {"inchi_key": "InChIKey", "pert_iname": "name"}}
    check(config, schema, root=tmp_path)


def test_yaml_reads_on_as_true_and_it_is_put_right(config):
    text = "datasets: {d: {labels: {key: moa, on: pert_id}}}"
    loaded = yaml.safe_load(text)
    assert True in loaded["datasets"]["d"]["labels"]
    restore_on(loaded)
    assert loaded["datasets"]["d"]["labels"] == {"key": "moa", "on": "pert_id"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"key": "mao"}, "labels.key: {}: no column 'mao'; did you mean 'moa'?"),
        ({"key": "moa", "on": "cell_id"}, "labels.on: {}: no column 'cell_id'"),
        ({"key": "moa", "on": {"pert_id": "id"}}, "{}: no column 'id', as labels.on calls pert_id"),
    ],
)
def test_columns_of_labels_are_looked_for_in_the_header(labels, message, schema, tmp_path):
    table = tmp_path / "l.tsv"
    table.write_text("broad_id\tmoa\nBRD-K00000001-001-01-1\tan inhibitor\n")
    (tmp_path / "s.gctx").touch()
    found = problems_of(
        yaml.safe_dump(
            {
                "datasets": {
                    "d": {
                        "source": {"kind": "gctx", "signatures": "s.gctx"},
                        "labels": {"table": "l.tsv", **labels},
                    }
                }
            }
        ),
        schema,
        tmp_path,
    )
    assert len(found) == 1
    assert message.format(table) in found[0]


@pytest.mark.parametrize(
    "labels",
    [
        {"key": "MOA", "on": ["inchi_key", "cell_id"]},  # one of several may be on the other side
        {"key": "MOA", "on": {"pert_id": "broad_id"}},
        {"key": "MOA"},  # the hub's broad_id is a pert_id
        {"key": "pert_iname"},
    ],
)
def test_columns_of_labels_may_have_names_of_any_dialect(labels, schema, tmp_path):
    (tmp_path / "l.tsv").write_text("broad_id\tMOA\tcmap_name\nBRD-K00000001-001-01-1\tx\ty\n")
    (tmp_path / "s.gctx").touch()
    source = {"kind": "gctx", "signatures": "s.gctx"}
    labels = {"table": "l.tsv", **labels}
    config = small(datasets={"d": {"source": source, "labels": labels}})
    restore_on(config)
    check(config, schema, root=tmp_path)
