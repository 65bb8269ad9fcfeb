"""The package's floors: nothing imports what stands above it, and no cycle joins two rooms."""

import ast
from pathlib import Path

import pytest

import svqvae

PACKAGE = Path(svqvae.__file__).parent
#: From the ground up. A module may import its own floor and those below.
FLOORS = [
    *("root", "results", "io", "data", "pp", "models", "query", "signatures", "tl", "pl"),
    *("report", "run"),
]
#: What stands at the root.
ROOT = {"__init__", "__main__", "errors", "keys"}


def floor(module):
    """Return the floor of a dotted name: its first folder, else the root."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else "root"


def imports(path):
    """Return the modules of the package that a file imports, inside functions too."""
    return {name for name in all_imports(path) if name.split(".")[0] == "svqvae"}


def all_imports(path):
    """Return the modules that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "svqvae":
            found |= {f"svqvae.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def sources():
    return sorted(p for p in PACKAGE.rglob("*.py") if p.name not in ("__init__.py", "__main__.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_imports_what_stands_above_it(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    mine = FLOORS.index(floor(".".join(["svqvae", *parts])))
    above = {name for name in imports(path) if FLOORS.index(floor(name)) > mine}
    assert not above


def test_nothing_is_imported_that_another_package_keeps_to_itself():
    private = {
        name
        for path in sources()
        for name in all_imports(path)
        if not name.startswith("svqvae") and "._" in name
    }
    assert not private


def test_the_root_holds_nothing_else():
    assert {p.stem for p in PACKAGE.glob("*.py")} == ROOT
    # Folders of an earlier layout may be left behind, empty but for what Python compiled.
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and any(p.rglob("*.py"))}
    assert folders == set(FLOORS) - {"root"}
