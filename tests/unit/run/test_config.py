"""A configuration is checked whole, and every problem is a sentence."""

import copy
import importlib.util
import shutil

import pytest
import yaml

from svqvae.errors import SvqvaeError
from svqvae.models import presets
from svqvae.run.config import (
    check,
    read_schema,
    reference_model,
    require_room,
    restore_on,
    subject_model,
)


@pytest.fixture(scope="module")
def schema(repository):
    return read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")


@pytest.fixture
def config(repository):
    return yaml.safe_load((repository / "config" / "config.yaml").read_text())


def problems(config, schema, root="."):
    with pytest.raises(SvqvaeError) as error:
        check(config, schema, root=root)
    return error.value.problems


def test_the_default_configuration_is_valid(config, schema, tmp_path):
    check(config, schema, root=tmp_path)


@pytest.mark.parametrize("name", ["l1000_consensus", "mnist"])
def test_presets_lack_nothing_but_their_files(repository, schema, tmp_path, name):
    config = yaml.safe_load((repository / "config" / f"{name}.yaml").read_text())
    restore_on(config)
    found = problems(config, schema, tmp_path)
    assert all("no file 'resources/" in p and "resources/README.md" in p for p in found)
    assert len(found) == 4


def test_all_problems_are_listed_at_once(config, schema):
    config["sedes"] = [0]
    config["datasets"]["simulated"]["split"]["folds"] = "five"
    config["datasets"]["simulated"]["labels"]["policy"] = "frist"
    config["models"]["paper"]["epoch"] = 3
    config["models"]["vae"]["preset"] = "vaee"
    del config["datasets"]["simulated"]["source"]["kind"]
    found = problems(config, schema)
    expected = [
        "unknown key 'sedes'; did you mean 'seeds'?",
        "datasets.simulated.split.folds: found 'five', expected a whole number",
        "datasets.simulated.labels.policy: found 'frist'; did you mean 'first'?",
        "models.paper: preset 'paper' has no setting 'epoch'; did you mean 'epochs'?",
        "models.vae: unknown preset 'vaee'; did you mean 'vae'?",
        "datasets.simulated.source: missing key 'kind'",
    ]
    assert sorted(found) == sorted(f"configuration: {p}" for p in expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["models"]["paper"].update(lr="fast"), "'lr' is 'fast', expected float"),
        (lambda c: c["models"]["paper"].update(epochs=0), "'epochs' is 0, expected a number above"),
        (lambda c: c["models"]["paper"].update(epochs=True), "'epochs' is True, expected int"),
        (lambda c: c["models"]["paper"].update(gamma=-1), "'gamma' is -1, expected 0 or more"),
        (
            lambda c: c["models"]["class_mean"].update(metric="Euclidean"),
            "'metric' is 'Euclidean'; did you mean 'euclidean'?",
        ),
        (lambda c: c["models"]["paper"].update(net="imgae"), "did you mean 'image'"),
        (lambda c: c.update(seeds=[0.0]), "found 0.0, expected a whole number"),
        (lambda c: c["datasets"]["simulated"]["split"].update(folds=8), "makes 6 compounds"),
        (
            lambda c: c["datasets"]["simulated"]["labels"].update(table="t.tsv"),
            "a simulated set brings its own table",
        ),
        (lambda c: c["analysis"].update(clusters="many"), "expected auto or a whole number"),
        (lambda c: c["analysis"].update(reference="mean"), "no model is called 'mean'"),
        (
            lambda c: c["analysis"].update(simulation=["papr"]),
            "analysis.simulation: no model is called 'papr'; did you mean 'paper'",
        ),
        (lambda c: c["analysis"].update(simulation="paper"), "expected a list"),
        (lambda c: c.update(seeds=[]), "seeds"),
        (lambda c: c.update(seeds=[1, 1]), "seeds"),
        (lambda c: c["models"].update({"a/b": {"preset": "vae"}}), "name 'a/b' may hold letters"),
        (lambda c: c["models"].update(figures={"preset": "vae"}), "'figures' is taken"),
        (lambda c: c["datasets"].update(logs=c["datasets"]["simulated"]), "'logs' is taken"),
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
def test_each_mistake_has_its_sentence(config, schema, change, message):
    change(config)
    assert any(message in p for p in problems(config, schema)), problems(config, schema)


def test_a_misspelt_file_gets_its_neighbour(config, schema, tmp_path):
    (tmp_path / "signatures.gctx").touch()
    config["datasets"]["simulated"]["source"] = {"kind": "gctx", "signatures": "signature.gctx"}
    found = problems(config, schema, tmp_path)
    assert "no file 'signature.gctx'; did you mean 'signatures.gctx'?" in found[0]


def test_every_key_of_the_schema_is_described(schema):
    def walk(node, at):
        for name, child in node.get("properties", {}).items():
            if "$ref" not in child:
                assert child.get("description"), f"{at}.{name}"
            walk(child, f"{at}.{name}")
        if isinstance(node.get("additionalProperties"), dict):
            walk(node["additionalProperties"], f"{at}.*")

    walk(schema, "config")
    for name, node in schema["$defs"].items():
        walk(node, name)


def test_mappings_refuse_unknown_keys_wherever_names_are_fixed(schema):
    named = [schema, schema["properties"]["analysis"]]
    named += [d for d in schema["$defs"].values() if "properties" in d]
    assert all(node.get("additionalProperties") is False for node in named)


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


def test_yaml_reads_on_as_true_and_it_is_put_right(config):
    text = "datasets: {d: {labels: {key: moa, on: pert_id}}}"
    loaded = yaml.safe_load(text)
    assert True in loaded["datasets"]["d"]["labels"]
    restore_on(loaded)
    assert loaded["datasets"]["d"]["labels"] == {"key": "moa", "on": "pert_id"}


def test_reference_is_the_cosine_mean_else_the_first_baseline(config):
    config = copy.deepcopy(config)
    del config["analysis"]
    assert reference_model(config) == "class_mean_cosine"
    del config["models"]["class_mean_cosine"]
    assert reference_model(config) == "class_mean"
    baselines = [
        n for n, m in config["models"].items() if presets.role_of(m["preset"]) == "baseline"
    ]
    for name in baselines:
        del config["models"][name]
    assert reference_model(config) == next(iter(config["models"]))


def test_subject_is_ours_else_the_first_that_is_no_baseline(config):
    config = copy.deepcopy(config)
    assert subject_model(config) == "svqvae"
    del config["models"]["svqvae"]
    assert subject_model(config) == "paper"
    assert subject_model(config | {"analysis": {"subject": "vae"}}) == "vae"
    config["models"] = {"class_mean": {"preset": "class_mean"}}
    assert subject_model(config) == "class_mean"


def test_every_setting_of_every_preset_is_documented(repository):
    text = (repository / "config" / "README.md").read_text()
    for preset, settings in presets.known().items():
        assert f"`{preset}`" in text, preset
        for name in settings:
            if name not in presets.FIXED:
                assert f"`{name}`" in text, (preset, name)


def test_settings_are_those_of_the_variant_that_the_data_takes(config, schema, tmp_path):
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).touch()
    files = ("signatures", "sig_info", "test_signatures", "test_sig_info")
    images = {"kind": "idx", **dict(zip(files, "abcd", strict=True))}
    del config["analysis"]
    config["models"] = {"m": {"preset": "svqvae", "supervision": 0.2}}
    with pytest.raises(SvqvaeError, match="models.m: preset 'svqvae' has no setting 'supervision'"):
        check(config, schema, root=tmp_path)
    config["datasets"] = {"digits": {"source": images, "labels": {"key": "label"}}}
    check(config, schema, root=tmp_path)
    config["models"]["m"]["squash"] = 1.0
    with pytest.raises(SvqvaeError, match="preset 'svqvae_image' has no setting 'squash'"):
        check(config, schema, root=tmp_path)


def test_data_sets_and_files_of_an_analysis_have_to_be_there(config, schema):
    config["analysis"] |= {
        "drug_targets": {"compounds": "simulatd", "knockdowns": "simulated"},
        "gene_sets": "no.gmt",
    }
    assert problems(config, schema) == [
        "configuration: analysis.drug_targets.compounds: no data set is called 'simulatd'; did you "
        "mean 'simulated'?",
        "configuration: analysis.gene_sets: no such file: no.gmt",
    ]
    config["analysis"] = {"drug_targets": {"compounds": "simulated", "knockdowns": "simulated"}}
    found = " ".join(problems(config, schema))
    assert "compounds and knockdowns are the same data set" in found
    assert "datasets.simulated.labels: no targets, which analysis.drug_targets ranks" in found


def test_the_configuration_of_drug_targets_is_valid(repository, schema, tmp_path):
    text = (repository / "config" / "drug_targets.yaml").read_text()
    check(yaml.safe_load(text), schema, root=tmp_path)


def small(**parts):
    """A valid configuration of no files, changed at the top level."""
    return {
        "datasets": {"d": {"source": {"kind": "simulated"}, "labels": {"key": "moa"}}},
        "models": {"m": {"preset": "class_mean"}},
        **parts,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
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
        ("models: {'NaN': {preset: lda}}", "models: the name 'NaN' would be read as a number"),
        ("models: {benchmark.tsv: {preset: lda}}", "leave out '.tsv'"),
        ("models: {classes.h5ad: {preset: lda}}", "leave out '.h5ad'"),
        ("models: {Figures: {preset: lda}}", "models: the name 'Figures' is taken by a part"),
        ("models: {pcl_connectivity: {preset: lda}}", "is taken by a part of the results"),
        ("models: {Lda: {preset: lda}, lda: {preset: lda}}", "'Lda' and 'lda' differ by upper"),
        ("models: {-rf: {preset: lda}}", "models: name '-rf' may hold"),
        ("models: {..: {preset: lda}}", "models: name '..' may hold"),
        ("models: {. : {preset: lda}}", "models: name '.' may hold"),
        ("models: {'': {preset: lda}}", "models: name '' may hold"),
        ("title: 2024-01-01", "title: found 2024-01-01, which YAML reads as date"),
        ("seeds: [-1]", "seeds.0: found -1, expected at least 0"),
        ("seeds: [1, 1]", "seeds: found [1, 1]: the same value twice"),
        ("seeds: [1e3]", "seeds.0: found '1e3', expected a whole number"),
        ("seeds: [4294967296]", "seeds.0: found 4294967296, expected at most 4294967295"),
        ("seeds: {a: 1}", "seeds: found a mapping, expected a list"),
        ("models: {m: {preset: vqvae, gamma: 0.2}}", "preset 'vqvae' never reads 'gamma'"),
        ("models: {m: {preset: vae, net: image}}", "preset 'vae' never reads 'net'"),
        (
            "models: {m: {preset: vae, lr: .nan}}",
            "models.m.lr: found nan, expected a finite number",
        ),
        (
            "models: {m: {preset: vae, lr: .inf}}",
            "models.m.lr: found inf, expected a finite number",
        ),
        (
            "models: {m: {preset: vae, epochs: 99999999999999999999}}",
            "models.m.epochs: the number is",
        ),
        ("models: {m: [preset, vae]}", "models.m: found a list, expected a mapping"),
        ("models: [vae]", "models: found a list, expected a mapping"),
        ("analysis: {subject: n}", "analysis.subject: no model is called 'n'"),
        ("analysis: {drug_targets: {compounds: [d], knockdowns: {}}}", "expected text"),
        ("analysis: {gene_sets: 'sets_{x}.gmt'}", "analysis.gene_sets: 'sets_{x}.gmt' has braces"),
        ("analysis: {relations: 'a{'}", "analysis.relations: 'a{' has braces"),
        ("results: 'out_{x}'", "results: 'out_{x}' has braces"),
        ("results: /", "results: found '/', expected a folder of its own"),
        ("results: s3://bucket", "results: found 's3://bucket', expected a folder, not a URL"),
        ("results: taken/below", "is a file, expected a folder"),
        ("downloads: {'a{b}': {url: https://x.org/y}}", "downloads.a{b}: 'a{b}' has braces"),
        ("datasets: {report.html: {}}", "leave out '.html'"),
        ("datasets: {Logs: {}}", "datasets: the name 'Logs' is taken by a part of the results"),
        (
            "datasets: {d: {split: {folds: 1}}}",
            "datasets.d.split.folds: found 1, expected at least 2",
        ),
        ("datasets: {d: {clip: .nan}}", "datasets.d.clip: found nan, expected a finite number"),
        (
            "datasets: {d: {source: {kind: gctx, signatures: 'sig_{A375}.gctx'}}}",
            "datasets.d.source.signatures: 'sig_{A375}.gctx' has braces",
        ),
        ("datasets: {d: {filters: {genes: 'g{}.txt'}}}", "datasets.d.filters.genes: 'g{}.txt' has"),
        ("datasets: {d: {source: {kind: [gctx], signatures: a}}}", "source.kind: found a list"),
        ("datasets: {d: {source: {kind: gctx, signatures: 'http://['}}}", "names no file"),
    ],
)
def test_names_numbers_and_paths_have_their_sentence(schema, tmp_path, text, message):
    (tmp_path / "taken").touch()
    config = small(**yaml.safe_load(text))
    restore_on(config)
    found = problems(config, schema, tmp_path)
    assert any(message in p for p in found), found


@pytest.mark.parametrize("name", ["model_1", "2024_best", "v1.2a", "all", "A-b.c", "1st"])
def test_usual_names_are_valid(schema, name):
    check(small(models={name: {"preset": "lda"}}), schema)


def test_a_message_is_no_longer_than_a_screen(schema):
    config = small(
        models={f"model {i}" * 40: {"preset": "x" * 9000, "lr": [1] * 9000} for i in range(60)}
    )
    config["y" * 50_000] = "z" * 50_000
    with pytest.raises(SvqvaeError) as caught:
        check(config, schema)
    assert len(str(caught.value)) < 4000
    assert "more problems" in caught.value.problems[-1]


def test_recursion_and_depth_end(schema):
    config = small()
    config["analysis"] = {"clusters": []}
    config["analysis"]["clusters"].append(config["analysis"]["clusters"])
    assert any("nested more than 20 deep" in p for p in problems(config, schema))


def test_a_home_folder_is_found(schema, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my data.gctx").touch()
    source = {"kind": "gctx", "signatures": "~/my data.gctx"}
    config = small(datasets={"d": {"source": source, "labels": {"key": "moa"}}})
    restore_on(config)
    check(config, schema)
    assert source["signatures"] == f"{tmp_path}/my data.gctx"


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


def test_room_for_the_results_is_looked_for_first(tmp_path, monkeypatch):
    require_room(tmp_path / "new" / "results")
    (tmp_path / "file").touch()
    with pytest.raises(SvqvaeError, match=r"file' is a file, expected a folder"):
        require_room(tmp_path / "file" / "results")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(SvqvaeError, match=r"is not to be written \(permissions\)"):
        require_room(tmp_path / "results")
    monkeypatch.undo()
    full = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)
    with pytest.raises(SvqvaeError, match=r"the disk of '.*' is full"):
        require_room(tmp_path / "results")


def test_a_round_of_the_fuzz_finds_nothing(repository, schema, tmp_path):
    """tests/fuzz/fuzz_config.py runs ten thousand; these seeds failed once."""
    spec = importlib.util.spec_from_file_location("fuzz", repository / "tests/fuzz/fuzz_config.py")
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    shipped = fuzz.shipped_with_files(tmp_path)
    for seed in [*range(100), 93, 110, 142, 187, 410, 584, 603, 1091]:
        assert not fuzz.outcome(seed, shipped, schema, tmp_path).startswith("FAILED"), seed
