"""Digests of the package's own code: what a result depends on, and a checkpoint belongs to."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]

#: Files beside the modules that count as code: skeleton, style and script of the page.
_PAGES = {".html", ".css", ".js"}

#: Of the rows of the results a job depends on its own alone, and is given what it needs of it.
_NOT_COUNTED = {"svqvae.results"}


def code_of(*modules: str, package: Path = _PACKAGE) -> str:
    """Return a digest of modules of the package and of all that they import of it.

    Imports inside functions count too, those for type checkers do not. Comments, docstrings and
    layout change nothing; files of other kinds (page skeletons, styles) count byte by byte.

    Parameters
    ----------
    modules
        Dotted names, e.g. ``svqvae.models.baselines.knn``.
    package
        Folder of the package.

    Raises
    ------
    ModuleNotFoundError
        If the package has no such module.
    """
    return _digest(_source(package, module) for module in _closure(package, modules))


def code_of_script(script: str | Path, *modules: str, package: Path = _PACKAGE) -> str:
    """Return a digest of a script of the workflow, of what it imports, and of ``modules``.

    Modules of its own folder (``_job``) count as well.
    """
    scripts, names = _scripts(Path(script)), set(modules)
    for path in scripts:
        names |= _imported(package, path, "")
    own = [_source_of(path) for path in scripts]
    return _digest([*own, *(_source(package, m) for m in _closure(package, names))])


def _scripts(script: Path) -> list[Path]:
    """Return a script and the modules of its own folder that it imports."""
    found, waiting = [], [script]
    while waiting:
        path = waiting.pop()
        if path.is_file() and path not in found:
            found.append(path)
            waiting += [path.with_name(f"{name}.py") for name in _names_in(path) if "." not in name]
    return sorted(found)


def _closure(package: Path, modules: Iterable[str]) -> list[str]:
    """Return the modules, and all of the package that they import, by name."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        module = waiting.pop()
        found.add(module)
        path = _path(package, module)
        if path is None:
            raise ModuleNotFoundError(f"{package} has no module '{module}'")
        waiting |= _imported(package, path, module) - found
    return sorted(found)


def _imported(package: Path, path: Path, module: str) -> set[str]:
    """Return the modules of the package that a file imports, wherever in it."""
    root = f"{package.name}."
    found = set()
    for name in _names_in(path):
        if name.startswith(root) and not name.endswith("__"):
            # The last part may be a function or class of a module.
            known = [n for n in (name, name.rpartition(".")[0]) if _path(package, n)]
            found.update(known[:1])
    return found - _NOT_COUNTED - {module}


def _names_of(node: ast.AST) -> list[str]:
    """Return the dotted names that a statement imports, with those of their members."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _path(package: Path, module: str) -> Path | None:
    """Return the file of a module; None if it is none of the package's."""
    base = package.parent.joinpath(*module.split("."))
    for path in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
        if module.split(".")[0] == package.name and path.is_file():
            return path
    return None


def _source(package: Path, module: str) -> str:
    """Return the code of a module, with the pages that lie beside it."""
    path = _path(package, module)
    assert path is not None
    pages = sorted(p for p in path.parent.iterdir() if p.suffix in _PAGES)
    beside = "".join(f"{p.name}\n{p.read_text(encoding='utf-8')}\n" for p in pages)
    return f"{module}\n{_source_of(path)}\n{beside}"


def _source_of(path: Path) -> str:
    found = path.stat()
    return _dump(path, found.st_mtime_ns, found.st_size)


def _names_in(path: Path) -> frozenset[str]:
    """Return the dotted names that a file imports, wherever in it."""
    found = path.stat()
    return _names(path, found.st_mtime_ns, found.st_size)


@cache
def _names(path: Path, mtime_ns: int, size: int) -> frozenset[str]:
    tree = _parse(path, mtime_ns, size)
    return frozenset(name for node in ast.walk(tree) for name in _names_of(node))


@cache
def _dump(path: Path, mtime_ns: int, size: int) -> str:
    return ast.dump(_parse(path, mtime_ns, size))


@cache
def _parse(path: Path, mtime_ns: int, size: int) -> ast.Module:
    """Return what a file does: its tree without docstrings and imports for type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            body[:] = [n for n in body if not _does_nothing(n)] or [ast.Pass()]
    return tree


def _does_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return (
        isinstance(node, ast.If)
        and not node.orelse
        and (ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING")
    )


def _digest(sources: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.encode())
    return digest.hexdigest()[:16]
