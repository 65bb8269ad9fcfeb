"""A configuration is checked whole, and every problem is a sentence."""

import importlib.util
import shutil

import pytest
import yaml
from config_cases import problems, small

from svqvae.errors import SvqvaeError
from svqvae.pp.source import paths_of
from svqvae.run.config import check, require_room, restore_on
from svqvae.run.config_file import read_config
from svqvae.run.downloads import plan


def test_the_default_configuration_is_valid(config, schema, tmp_path):
    check(config, schema, root=tmp_path)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_images_lack_nothing_but_their_files(repository, schema, tmp_path, name):
    config = yaml.safe_load((repository / "config" / f"{name}.yaml").read_text())
    found = problems(config, schema, tmp_path)
    assert all("no file 'resources/" in p and "resources/README.md" in p for p in found)
    assert len(found) == 4


CONSENSUS = ["l1000_consensus", "l1000_consensus_seeds", "ablation"]


def test_the_consensus_lacks_nothing(repository, schema, tmp_path):
    """Its configurations fetch the same four files, and give them to every set alike."""
    parts, fetched = [], []
    for name in CONSENSUS:
        config = read_config(repository / "config" / f"{name}.yaml")
        restore_on(config)
        check(config, schema, root=tmp_path)
        fetched.append(plan(config))
        parts += [
            {key: dataset[key] for key in ("source", "labels", "filters", "clip")}
            for dataset in config["datasets"].values()
            if dataset["source"]["kind"] == "table"
        ]
    assert len(fetched[0]) == 4
    assert all(f == fetched[0] for f in fetched)
    assert len(parts) == 4
    assert all(p == parts[0] for p in parts)
    assert set(paths_of(parts[0]["source"]).values()) < set(fetched[0])


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


def test_gene_sets_need_their_extra_before_anything_runs(config, schema, tmp_path, monkeypatch):
    (tmp_path / "sets.gmt").write_text("set\t\tTP53\n")
    config["analysis"]["gene_sets"] = "sets.gmt"
    check(config, schema, root=tmp_path)
    monkeypatch.setattr("svqvae.errors.find_spec", lambda name: None)
    assert problems(config, schema, tmp_path) == [
        "configuration: analysis.gene_sets: this needs gseapy: pip install 'svqvae[enrichment]'"
    ]


def test_the_configuration_of_drug_targets_is_valid(repository, schema, tmp_path):
    text = (repository / "config" / "drug_targets.yaml").read_text()
    check(yaml.safe_load(text), schema, root=tmp_path)


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
