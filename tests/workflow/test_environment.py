"""Pins agree wherever they are written, and nothing names a package index."""

import re
import tomllib

import yaml


def constraints(repository):
    lines = (repository / "constraints.txt").read_text().split()
    return dict(line.split("==") for line in lines)


def conda_pins(path):
    entries = yaml.safe_load(path.read_text())["dependencies"]
    pip = next(e["pip"] for e in entries if isinstance(e, dict))
    return dict(e.split("==") for e in pip if "==" in e)


def requirement_names(requirements):
    return {re.match(r"[\w.-]+", r)[0].lower() for r in requirements}


def test_environment_files_agree_with_constraints(repository):
    pins = constraints(repository)
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    needed = requirement_names(project["dependencies"])
    workflow = requirement_names(project["optional-dependencies"]["workflow"])
    for name, expected in (
        ("environment.yml", needed | workflow),
        ("workflow/envs/svqvae.yaml", needed),
    ):
        found = conda_pins(repository / name)
        assert set(found) == expected, name
        assert {k: pins[k] for k in found} == found, name


def test_every_dependency_has_a_lower_bound_and_a_pin(repository):
    pins = constraints(repository)
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    every = project["dependencies"] + [r for extra in optional.values() for r in extra]
    for requirement in every:
        assert ">=" in requirement, requirement
        assert re.match(r"[\w.-]+", requirement)[0].lower() in pins, requirement


def test_the_package_never_imports_snakemake(repository):
    for path in (repository / "svqvae").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) snakemake", path.read_text(), re.M), path
