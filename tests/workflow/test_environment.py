"""Pins agree wherever they are written, and nothing names a package index."""

import ast
import re
import sys
import tomllib

import yaml

import svqvae

#: What starts jobs, and is not needed in them.
OF_SNAKEMAKE = {"snakemake", "snakemake-executor-plugin-slurm", "pygments"}


def constraints(repository):
    lines = (repository / "constraints.txt").read_text().split()
    return dict(line.split("==") for line in lines)


def conda_pins(path):
    entries = yaml.safe_load(path.read_text())["dependencies"]
    pip = next(e["pip"] for e in entries if isinstance(e, dict))
    return dict(e.split("==") for e in pip if "==" in e)


def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower()


def extra_of(project, *extras):
    """Return the names that extras bring, those of the extras that they name too."""
    found = set()
    for requirement in [r for e in extras for r in project["optional-dependencies"][e]]:
        if inner := re.fullmatch(r"svqvae\[([\w,]+)\]", requirement):
            found |= extra_of(project, *inner[1].split(","))
        else:
            found.add(name_of(requirement))
    return found


def test_environment_files_agree_with_constraints(repository):
    pins, declared = constraints(repository), project(repository)
    base = {name_of(r) for r in declared["dependencies"]}
    # Any configuration can be run, one with gene sets too.
    run = base | extra_of(declared, "workflow", "enrichment", "signatures")
    for name, expected in (
        ("environment.yml", run),
        ("workflow/envs/svqvae.yaml", run - OF_SNAKEMAKE),
    ):
        found = conda_pins(repository / name)
        assert set(found) == expected, name
        assert {k: pins[k] for k in found} == found, name


def test_make_installs_every_extra(repository):
    declared = project(repository)
    found = re.findall(r"--editable '\.\[([\w,]+)\]'", (repository / "Makefile").read_text())
    of_a_run, of_tests = (extra_of(declared, *extras.split(",")) for extras in found)
    assert of_tests == extra_of(declared, *declared["optional-dependencies"])
    assert of_a_run == extra_of(declared, "workflow", "enrichment", "signatures") < of_tests


def test_every_dependency_has_a_lower_bound_and_a_pin(repository):
    pins, declared = constraints(repository), project(repository)
    optional = declared["optional-dependencies"]
    every = declared["dependencies"] + [r for extra in optional.values() for r in extra]
    for requirement in every:
        if not requirement.startswith("svqvae["):
            assert ">=" in requirement, requirement
            assert name_of(requirement) in pins, requirement


def test_the_version_is_written_once(repository):
    declared = project(repository)
    assert declared["dynamic"] == ["version"]
    assert "version" not in declared
    changelog = (repository / "CHANGELOG.md").read_text()
    assert re.findall(r"^## \[(\d[\w.]*)\]", changelog, re.M)[0] == svqvae.__version__
    citation = yaml.safe_load((repository / "CITATION.cff").read_text())
    assert citation["version"] == svqvae.__version__


#: By folder or file of the package, the extras that its imports may need; elsewhere none.
EXTRAS = {
    "tl/genes/enrichment.py": ["enrichment"],
    "signatures": ["signatures"],
    "tl": ["analysis"],
    "pl": ["analysis", "plots"],
    "report": ["workflow"],
    "run": ["workflow"],
}


def third_party(path):
    """Return the top modules that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"svqvae"}


def test_imports_are_declared_where_they_are_needed(repository):
    declared = project(repository)
    base = {name_of(r) for r in declared["dependencies"]}
    called = {
        "PIL": "pillow",
        "fontTools": "fonttools",
        "sklearn": "scikit-learn",
        "yaml": "pyyaml",
    }
    for path in (repository / "svqvae").rglob("*.py"):
        file = path.relative_to(repository / "svqvae").as_posix()
        extras = next((e for part, e in EXTRAS.items() if file.startswith(part)), [])
        needed = {called.get(name, name) for name in third_party(path)}
        assert needed <= base | extra_of(declared, *extras), file


def test_the_package_never_imports_snakemake(repository):
    for path in (repository / "svqvae").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) snakemake", path.read_text(), re.M), path
