"""Files from elsewhere in a configuration: what is planned, and every mistake a sentence."""

import copy

import pytest
import yaml
from loopback import Loopback

from svqvae.errors import SvqvaeError
from svqvae.run import downloads
from svqvae.run.config import check, read_schema
from svqvae.run.downloads import local_path, plan, storage_of

GEO = "https://ftp.ncbi.nlm.nih.gov/geo/series/GSE70nnn/GSE70138/suppl"
CONFIG = {
    "downloads": {
        "resources/geo/sigs.gctx": {
            "url": f"{GEO}/GSE70138_Level5.gctx.gz",
            "checksums": f"{GEO}/GSE70138_SHA512SUMS.txt.gz",
            "size": 5,
        },
        "resources/geo/perts.txt": {"url": "http://host/perts.txt", "sha256": "0" * 64},
    },
    "datasets": {
        "mine": {
            "source": {
                "kind": "gctx",
                "signatures": "./resources/geo/sigs.gctx",
                "sig_info": f"{GEO}/sig_info.txt.gz",
            },
            "labels": {"key": "moa", "table": "resources/geo/perts.txt"},
        }
    },
    "models": {"mean": {"preset": "class_mean"}},
}
SIG_INFO = "resources/downloads/sig_info.txt"


@pytest.fixture(scope="module")
def schema(repository):
    return read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")


@pytest.fixture
def config():
    return copy.deepcopy(CONFIG)


def problems(config, schema, root):
    with pytest.raises(SvqvaeError) as error:
        check(config, schema, root=root)
    return [p.removeprefix("configuration: ") for p in error.value.problems]


def test_nothing_needs_to_be_on_disk(config, schema, tmp_path):
    check(config, schema, root=tmp_path)


def test_the_plan_holds_both_ways_to_name_a_file(config):
    assert plan(config) == {
        **CONFIG["downloads"],
        SIG_INFO: {"url": f"{GEO}/sig_info.txt.gz"},
    }
    assert plan({"datasets": {}}) == {}


def test_a_table_whose_columns_are_named_is_fetched_too(config, schema, tmp_path):
    columns = {"pert_id": "drug", "pert_iname": "name"}
    config["datasets"]["mine"]["source"]["pert_info"] = {
        "path": "https://host/drugs.tsv.gz",
        "columns": columns,
    }
    check(config, schema, root=tmp_path)
    assert plan(config)["resources/downloads/drugs.tsv"] == {"url": "https://host/drugs.tsv.gz"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/./b.txt", "a/b.txt"),
        ("/abs/b.txt", "/abs/b.txt"),
        ("https://host/x/a%20b.txt.gz?download=1", "resources/downloads/a b.txt"),
        ("HTTP://host/a.txt", "resources/downloads/a.txt"),
        ("s3://bucket/a.gctx", "s3://bucket/a.gctx"),
    ],
)
def test_where_a_file_lies(path, expected):
    assert local_path(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s3://bucket/a", ("s3", "s3://bucket/a")),
        ("gs://bucket/a", ("gcs", "gs://bucket/a")),
        ("storage+https://host/a", ("http", "https://host/a")),
        ("https://host/a", None),
        ("a.gctx", None),
    ],
)
def test_what_a_storage_plugin_reads(path, expected):
    assert storage_of(path) == expected


def edit(*path, value):
    def change(config):
        node = config
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value

    return change


SOURCE = ("datasets", "mine", "source")
PERTS = ("downloads", "resources/geo/perts.txt")
WRONG = {
    "unknown key": (
        edit(*PERTS, "sha255", value="0" * 64),
        "downloads.resources/geo/perts.txt: unknown key 'sha255'; did you mean 'sha256'?",
    ),
    "no URL": (edit(*PERTS, value={}), "downloads.resources/geo/perts.txt: missing key 'url'"),
    "short sum": (
        edit(*PERTS, "sha256", value="abc"),
        "downloads.resources/geo/perts.txt.sha256: found 'abc', expected 64 hex digits in lower",
    ),
    "SHA-256 as SHA-512": (
        edit(*PERTS, value={"url": "https://h/p.txt", "sha512": "0" * 64}),
        "expected 128 hex digits in lower case",
    ),
    "two sums": (
        edit(*PERTS, "checksums", value="https://host/sums"),
        "give one of sha256, sha512, git_blob, checksums, not sha256 and checksums",
    ),
    "negative size": (edit(*PERTS, "size", value=-1), "downloads.resources/geo/perts.txt.size"),
    "a scheme that downloads lack": (
        edit(*PERTS, "url", value="s3://bucket/perts.txt"),
        "perts.txt.url: found 's3://bucket/perts.txt', expected a URL (http, https)",
    ),
    "key and URL exchanged": (
        edit("downloads", "https://host/a.txt", value={"url": "resources/a.txt"}),
        "downloads.https://host/a.txt: the key is the path to fetch to",
    ),
    "folder": (edit("downloads", "resources/", value={"url": "https://h/a"}), "path of a file"),
    "in the results": (
        edit("downloads", "results/a/x.txt", value={"url": "https://h/a"}),
        "downloads.results/a/x.txt: lies in the folder of the results",
    ),
    "no name to look up": (
        edit(*PERTS, value={"url": "https://h/?acc=1", "checksums": "https://h/sums"}),
        "names no file to look up",
    ),
    "downloads is a list": (edit("downloads", value=["a"]), "expected a mapping"),
    "unknown scheme": (
        edit(*SOURCE, "gene_info", value="gopher://host/a"),
        "datasets.mine.source.gene_info: 'gopher://host/a' has an unknown scheme 'gopher'; "
        "supported: http, https, s3, gs",
    ),
    "URL without a file": (
        edit(*SOURCE, "gene_info", value="https://host/geo/?acc=GSE1"),
        "names no file; give it a path under downloads",
    ),
    "two URLs of one name": (
        edit(*SOURCE, "gene_info", value="https://host/sig_info.txt"),
        f"'https://host/sig_info.txt' would lie at '{SIG_INFO}', as does '{GEO}/sig_info.txt.gz'",
    ),
    "a URL against a download": (
        edit("downloads", SIG_INFO, value={"url": "https://elsewhere/sig_info.txt"}),
        f"would lie at '{SIG_INFO}'",
    ),
    "a blob of another kind": (
        edit("downloads", "resources/geo/perts.txt", "git_blob", value="0" * 64),
        "git_blob: found '0000",
    ),
    "misspelt download": (
        edit("datasets", "mine", "labels", "table", value="resources/geo/pert.txt"),
        "no file 'resources/geo/pert.txt'; did you mean 'resources/geo/perts.txt'?",
    ),
    "misspelt download of a table whose columns are named": (
        edit(*SOURCE, "pert_info", value={"path": "resources/geo/pert.txt"}),
        "source.pert_info: no file 'resources/geo/pert.txt'; did you mean",
    ),
    "unknown scheme of such a table": (
        edit(*SOURCE, "pert_info", value={"path": "ftps://host/a"}),
        "source.pert_info: 'ftps://host/a' has an unknown scheme",
    ),
    "kind of the file behind a URL": (
        edit(*SOURCE, "signatures", value="https://host/a.h5ad"),
        "kind gctx, but 'https://host/a.h5ad' is named like h5ad",
    ),
    "genes are not fetched": (
        edit("datasets", "mine", "filters", "genes", value="https://host/genes.txt"),
        "filters.genes: no file 'https://host/genes.txt'; this one is not fetched",
    ),
    "a plugin that is not there": (
        edit(*SOURCE, "gene_info", value="az://bucket/a"),
        "'az://bucket/a' needs the package snakemake-storage-plugin-azure: pip install",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_has_its_sentence(config, schema, tmp_path, name, monkeypatch):
    monkeypatch.setattr(downloads, "find_spec", lambda _: None)
    change, message = WRONG[name]
    change(config)
    found = problems(config, schema, tmp_path)
    assert any(message in p for p in found), found


def test_mistakes_are_listed_together(config, schema, tmp_path):
    for name in ("unknown key", "two sums", "unknown scheme", "misspelt download"):
        WRONG[name][0](config)
    assert len(problems(config, schema, tmp_path)) == 4


def test_the_same_url_may_be_named_twice(config, schema, tmp_path):
    config["datasets"]["other"] = copy.deepcopy(config["datasets"]["mine"])
    config["downloads"][SIG_INFO] = {"url": f"{GEO}/sig_info.txt.gz", "sha256": "1" * 64}
    check(config, schema, root=tmp_path)
    assert plan(config)[SIG_INFO]["sha256"] == "1" * 64


def test_a_file_fetched_from_another_url_is_not_taken_for_the_new_one(config, schema, tmp_path):
    with Loopback() as server:
        url = server.serve("v1/sig_info.txt", b"old")
        downloads.obtain(tmp_path / SIG_INFO, {"url": url})
    config["datasets"]["mine"]["source"]["sig_info"] = url
    check(config, schema, root=tmp_path)
    new = url.replace("v1", "v2")
    config["datasets"]["mine"]["source"]["sig_info"] = new
    assert problems(config, schema, tmp_path) == [
        f"datasets.mine.source.sig_info: '{SIG_INFO}' was fetched from '{url}', not from '{new}'; "
        "delete it to fetch it again, or 'resources/downloads/.sig_info.txt.url' if it is your own"
    ]
    (tmp_path / SIG_INFO).unlink()
    check(config, schema, root=tmp_path)


def test_a_file_of_the_users_own_is_taken_as_it_is(config, schema, tmp_path):
    (tmp_path / SIG_INFO).parent.mkdir(parents=True)
    (tmp_path / SIG_INFO).write_text("mine")
    check(config, schema, root=tmp_path)


def test_yaml_as_documented(repository, schema, tmp_path):
    """The example of config/README.md is valid."""
    text = (repository / "config" / "README.md").read_text()
    section = text.split("## Data from elsewhere")[1]
    example = yaml.safe_load(section.split("```yaml\n")[1].split("```")[0])
    check({**example, "models": CONFIG["models"]}, schema, root=tmp_path)


def test_a_misspelt_gene_space_hides_no_missing_file(tmp_path):
    parts = {
        "source": {"signatures": "a.gctx"},
        "labels": {"table": "b.tsv"},
        "filters": {"genes": "landmrk"},
    }
    found = downloads.missing_files("datasets.mine", parts, tmp_path, {})
    assert [f.split(":")[0].removeprefix("datasets.mine.") for f in found] == [
        "filters.genes",
        "source.signatures",
        "labels.table",
    ]
