"""Where a result comes from: digests of code and files, versions, git revision."""

from __future__ import annotations

import ast
import hashlib
import subprocess
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGE = Path(__file__).parent

_READERS = (
    *("io/signature_file.py", "io/hdf5_file.py", "io/reader.py", "io/gctx.py", "io/blocks.py"),
    *("io/gct.py", "io/h5ad.py", "io/matrix_table.py", "io/idx.py", "io/ids.py", "io/tables.py"),
)
#: What every model stands on: its base, how it is stored, and how signatures are taken from disk.
_MODEL = (
    *("base.py", "ranking.py", "whitening.py", "store.py", "saved.py", "matrix.py", "pp/split.py"),
    *("io/h5ad.py", "io/hdf5_file.py", "io/blocks.py", "io/ids.py"),
)
_TRAINING = ("train.py", "checkpoint.py", "calibration.py", "donors.py")
#: Which sources each stage of the workflow depends on, as paths or folders of the package.
STAGES = {
    "simulate": ("pp/simulation.py", "pp/simulated_knockdowns.py", "io/gctx.py"),
    "preprocess": ("pp", *_READERS),
    "model": (*_MODEL, *_TRAINING, "model.py", "presets.py", "nn"),
    "baseline": (*_MODEL, *_TRAINING, "model.py", "baselines", "nn"),
    "evaluate": (
        *_MODEL,
        *("tl/evaluate.py", "tl/compare.py", "tl/reliability.py", "tl/resampling.py"),
    ),
    "novelty": (
        *_MODEL,
        *_TRAINING,
        *("model.py", "presets.py", "nn", "tl/novelty.py", "tl/resampling.py"),
    ),
    "realism": (*_MODEL, "tl/realism.py", "tl/telltale.py", "tl/resampling.py"),
    "classes": (*_MODEL, "tl"),
    "figures": ("pl",),
    "report": ("report", "tl/evaluate.py", "tl/compare.py"),
}

#: Counts for every stage.
_EVERYWHERE = ("keys.py", "checks.py")

_REPORTED = (
    "svqvae",
    "anndata",
    "numpy",
    "pandas",
    "scanpy",
    "scikit-learn",
    "scipy",
    "seaborn",
    "snakemake",
    "statsmodels",
    "torch",
)


def code_digest(paths: list[Path]) -> str:
    """Return a digest of Python sources that comments, docstrings and layout do not change.

    Files of other kinds (page skeletons, styles) count byte by byte.
    """
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.suffix == ".py":
            content = _without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
        else:
            content = path.read_text(encoding="utf-8")
        digest.update(f"{path.name}\n{content}\n".encode())
    return digest.hexdigest()[:16]


def _without_docstrings(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or not body:
            continue
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            node.body = body[1:] or [ast.Pass()]
    return ast.dump(tree)


@cache
def code_of(module_name: str) -> str:
    """Return a digest of a module and of all of this package that it imports, at any depth.

    Parameters
    ----------
    module_name
        As it is imported, e.g. ``svqvae.model``.
    """
    found: set[Path] = set()
    waiting = [_source_of(module_name)]
    while waiting:
        path = waiting.pop()
        if path is None or path in found:
            continue
        found.add(path)
        waiting += [_source_of(name) for name in _imports(path)]
    return code_digest(list(found))


def _source_of(module_name: str) -> Path | None:
    """Return the file of a module of this package; None of others and of plain names."""
    package, *parts = module_name.split(".")
    if package != _PACKAGE.name:
        return None
    path = _PACKAGE.joinpath(*parts)
    options = (path.with_suffix(".py"), path / "__init__.py")
    return next((p for p in options if p.is_file()), None)


def _imports(path: Path) -> list[str]:
    """Return what a file imports, inside its functions too."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def stage_digests() -> dict[str, str]:
    """Return the code digest of each stage of the workflow."""
    found = {}
    for stage, parts in STAGES.items():
        paths: list[Path] = []
        for part in (*_EVERYWHERE, *parts):
            root = _PACKAGE / part
            inside = [root] if root.is_file() else root.rglob("*")
            paths += [p for p in inside if p.suffix in {".py", ".html", ".css", ".js"}]
        found[stage] = code_digest(paths)
    return found


def file_sha256(path: str | Path) -> str:
    """Return a file's SHA-256 in hex, read as a stream, and only once while it is the same."""
    found = Path(path).stat()
    return _sha256(str(path), found.st_mtime_ns, found.st_size)


@lru_cache
def _sha256(path: str, mtime_ns: int, size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of the packages that results depend on, where installed."""
    found = {}
    for name in _REPORTED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_revision() -> str:
    """Return the source tree's commit, with ``+`` if it has changes, or ``unknown``."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
            cwd=_PACKAGE,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return run.stdout.strip()
