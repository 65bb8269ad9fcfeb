"""Paths that a storage plugin of Snakemake reads: S3 and HTTP, on this machine."""

import re
from importlib.util import find_spec

import pytest
import yaml
from loopback import Loopback
from small_set import SMALL, TARGET

from svqvae.pp.simulation import write_simulated

LISTING = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Name>lincs</Name><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>
</ListBucketResult>"""


def needs(plugin):
    package = f"snakemake-storage-plugin-{plugin}"
    return pytest.mark.skipif(
        find_spec(package.replace("-", "_")) is None, reason=f"{package} is not installed"
    )


@pytest.fixture
def server(tmp_path):
    """A bucket `lincs` with the files of a small data set, readable without its name as well."""
    (tmp_path / "bucket").mkdir()
    write_simulated(tmp_path / "bucket", SMALL)
    with Loopback() as running:
        running.serve("lincs", LISTING.encode())
        for path in (tmp_path / "bucket").iterdir():
            running.serve(f"lincs/level5/{path.name}", path.read_bytes(), etag='"00"')
        yield running


@pytest.fixture
def run(tmp_path, server, snakemake, monkeypatch):
    monkeypatch.setenv("SNAKEMAKE_STORAGE_S3_ENDPOINT_URL", server.root)
    monkeypatch.setenv("SNAKEMAKE_STORAGE_S3_ACCESS_KEY", "nobody")
    monkeypatch.setenv("SNAKEMAKE_STORAGE_S3_SECRET_KEY", "nothing")

    def run(root, *arguments):
        config = {
            "datasets": {
                "mine": {
                    "source": {
                        "kind": "gctx",
                        "signatures": f"{root}/level5/signatures.gctx",
                        "sig_info": f"{root}/level5/sig_info.txt",
                    },
                    "labels": {"key": "moa", "table": f"{root}/level5/pert_info.txt"},
                    "split": {"folds": 3},
                }
            },
            "models": {"mean": {"preset": "class_mean"}},
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        return snakemake(tmp_path, tmp_path / "config.yaml", TARGET, *arguments)

    return run


STORAGES = [
    pytest.param("s3://lincs", marks=needs("s3"), id="s3"),
    pytest.param("storage+{root}/lincs", marks=needs("http"), id="http"),
]


@pytest.mark.parametrize("root", STORAGES)
def test_a_dry_run_asks_the_storage_but_takes_nothing(root, run, server):
    dry = run(root.format(root=server.root), "--dry-run")
    output = dry.stdout + dry.stderr
    assert dry.returncode == 0, output[-3000:]
    assert re.search(r"^preprocess +1$", output, re.M)
    assert "download" not in output
    assert {r.path for r in server.requests} >= {
        "/lincs/level5/signatures.gctx",
        "/lincs/level5/pert_info.txt",
    }
    assert not [r for r in server.requests if r.method == "GET" and "level5/" in r.path]


@pytest.mark.parametrize("root", STORAGES)
def test_a_run_reads_from_the_storage(root, run, server, tmp_path):
    done = run(root.format(root=server.root))
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / TARGET).is_file()
    assert not list((tmp_path / ".snakemake" / "storage").rglob("*.gctx"))


@pytest.mark.parametrize("root", STORAGES)
def test_what_the_storage_lacks_is_told(root, run, server):
    del server.files["/lincs/level5/signatures.gctx"]
    dry = run(root.format(root=server.root), "--dry-run")
    output = dry.stdout + dry.stderr
    assert dry.returncode != 0
    assert re.search(r"Missing input files.*lincs/level5/signatures.gctx", output, re.S)


@pytest.mark.skipif(
    find_spec("snakemake_storage_plugin_azure") is not None, reason="the plugin is installed"
)
def test_a_plugin_that_is_not_there_is_named(run):
    done = run("az://lincs", "--dry-run")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "pip install snakemake-storage-plugin-azure" in output
    assert "Traceback" not in output
