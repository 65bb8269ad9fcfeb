"""Names and paths of a configuration: what no folder, file or table could bear is refused."""

import pytest
from config_cases import problems, problems_of, small
from hostile import HOSTILE

from svqvae.run.config import check, restore_on


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: {a/b: {preset: vae}}", "name 'a/b' may hold letters"),
        ("models: {figures: {preset: vae}}", "'figures' is taken"),
        ("datasets: {logs: {}}", "'logs' is taken"),
        (
            "models: {007: {preset: lda}}",
            "models: the key 7 is no text (YAML reads it as a number)",
        ),
        ("models: {1.5: {preset: lda}}", "models: the key 1.5 is no text"),
        ("models: {yes: {preset: lda}}", "models: the key True is no text (YAML reads it as true"),
        ("models: {~: {preset: lda}}", "models: a key is empty (YAML reads it as null)"),
        ("models: {2024-01-01: {preset: lda}}", "models: the key 2024-01-01 is no text"),
        ("models: {'007': {preset: lda}}", "models: the name '007' would be read as a number"),
        ("models: {1e5: {preset: lda}}", "models: the name '1e5' would be read as a number"),
        ("models: {'NaN': {preset: lda}}", "models: the name 'NaN' would be read as a missing"),
        ("models: {'null': {preset: lda}}", "the name 'null' would be read as a missing value"),
        ("models: {inf: {preset: lda}}", "models: the name 'inf' would be read as a number"),
        ("models: {'True': {preset: lda}}", "the name 'True' would be read as true or false"),
        ("models: {benchmark.tsv: {preset: lda}}", "leave out '.tsv'"),
        ("models: {classes.h5ad: {preset: lda}}", "leave out '.h5ad'"),
        ("models: {Figures: {preset: lda}}", "models: the name 'Figures' is taken by a part"),
        ("models: {pcl_connectivity: {preset: lda}}", "is taken by a part of the results"),
        ("models: {Lda: {preset: lda}, lda: {preset: lda}}", "'Lda' and 'lda' differ by upper"),
        ("models: {-rf: {preset: lda}}", "models: name '-rf' may hold"),
        ("models: {..: {preset: lda}}", "models: name '..' may hold"),
        ("models: {. : {preset: lda}}", "models: name '.' may hold"),
        ("models: {'': {preset: lda}}", "models: name '' may hold"),
        ("datasets: {report.html: {}}", "leave out '.html'"),
        ("datasets: {Logs: {}}", "datasets: the name 'Logs' is taken by a part of the results"),
    ],
)
def test_names_and_keys_have_their_sentence(schema, tmp_path, text, message):
    found = problems_of(text, schema, tmp_path)
    assert any(message in p for p in found), found


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"CON", "constructor", "toString"}))
@pytest.mark.parametrize("kind", ["models", "datasets"])
def test_a_name_that_could_do_harm_is_refused_and_named(schema, kind, name):
    valid = small()
    (value,) = valid[kind].values()
    (problem,) = problems({**valid, kind: {name: value}}, schema)
    assert f"{kind}: " in problem
    assert name[:50] in problem or not name.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "constructor",
        "toString",
        "model_1",
        "2024_best",
        "v1.2a",
        "all",
        "A-b.c",
        "1st",
        "n",
        "yes",
    ],
)
def test_usual_names_are_valid(schema, name):
    check(small(models={name: {"preset": "lda"}}), schema)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("analysis: {gene_sets: 'sets_{x}.gmt'}", "analysis.gene_sets: 'sets_{x}.gmt' has braces"),
        ("analysis: {relations: 'a{'}", "analysis.relations: 'a{' has braces"),
        ("results: 'out_{x}'", "results: 'out_{x}' has braces"),
        ("results: /", "results: found '/', expected a folder of its own"),
        ("results: s3://bucket", "results: found 's3://bucket', expected a folder, not a URL"),
        ("results: taken/below", "is a file, expected a folder"),
        ("downloads: {'a{b}': {url: https://x.org/y}}", "downloads.a{b}: 'a{b}' has braces"),
        (
            "datasets: {d: {source: {kind: gctx, signatures: 'sig_{A375}.gctx'}}}",
            "datasets.d.source.signatures: 'sig_{A375}.gctx' has braces",
        ),
        (
            "datasets: {d: {source: {kind: gctx, pert_info: {path: 'perts_{1}.tsv'}}}}",
            "datasets.d.source.pert_info.path: 'perts_{1}.tsv' has braces",
        ),
        ("datasets: {d: {filters: {genes: 'g{}.txt'}}}", "datasets.d.filters.genes: 'g{}.txt' has"),
        ("datasets: {d: {source: {kind: gctx, signatures: 'http://['}}}", "names no file"),
    ],
)
def test_paths_have_their_sentence(schema, tmp_path, text, message):
    (tmp_path / "taken").touch()
    found = problems_of(text, schema, tmp_path)
    assert any(message in p for p in found), found


def test_a_misspelt_file_gets_its_neighbour(config, schema, tmp_path):
    (tmp_path / "signatures.gctx").touch()
    config["datasets"]["simulated"]["source"] = {"kind": "gctx", "signatures": "signature.gctx"}
    found = problems(config, schema, tmp_path)
    assert "no file 'signature.gctx'; did you mean 'signatures.gctx'?" in found[0]


def test_a_home_folder_is_found(schema, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my data.gctx").touch()
    (tmp_path / "perts.tsv").touch()
    pert_info = {"path": "~/perts.tsv", "columns": {"pert_id": "id"}}
    source = {"kind": "gctx", "signatures": "~/my data.gctx", "pert_info": pert_info}
    config = small(datasets={"d": {"source": source, "labels": {"key": "moa"}}})
    restore_on(config)
    check(config, schema)
    assert source["signatures"] == f"{tmp_path}/my data.gctx"
    assert pert_info["path"] == f"{tmp_path}/perts.tsv"


@pytest.mark.parametrize(
    "name", ["my data.gctx", "O'Brien.gctx", "a$b#c%d.gctx", "-dash.gctx", "größe.gctx", "a .gctx"]
)
def test_usual_and_unusual_paths_are_valid(schema, tmp_path, name):
    (tmp_path / name).touch()
    for path in (name, str(tmp_path / name)):
        source = {"kind": "gctx", "signatures": path}
        check(
            small(datasets={"d": {"source": source, "labels": {"key": "moa"}}}),
            schema,
            root=tmp_path,
        )
