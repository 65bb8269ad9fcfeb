"""Read a configuration as YAML says it: what Snakemake's own reader passes over is an error."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path

#: The configuration of a run that names none; its report is report.html.
DEFAULT = Path("config/config.yaml")

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
#: Listed of the keys that are given twice.
_LISTED = 10


class _Loader(yaml.SafeLoader):
    """Notes keys that are given twice; YAML's own loader keeps the last without a word."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            line = key.start_mark.line + 1
            if key.value in seen:
                self.twice.append(
                    f"line {line}: the key '{key.value[:60]}' is there already, in line "
                    f"{seen[key.value]}; delete or rename one"
                )
            seen.setdefault(key.value, line)
        return super().construct_mapping(node, deep=deep)


def read_config(path: str | Path) -> dict[str, Any]:
    """Return the mapping that a YAML (or JSON) file holds.

    Raises
    ------
    SvqvaeError
        If the file is missing, not UTF-8, no YAML, empty, or gives a key twice; names the line.
    """
    path = Path(path)
    loader = _Loader(_text(path))
    try:
        config = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        hint = "; indent with spaces, not tabs" if "\\t" in str(error.problem) else ""
        raise SvqvaeError(f"{path}: {at}not YAML: {str(error.problem)[:200]}{hint}") from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise SvqvaeError(f"{path}: not YAML: {str(error).splitlines()[0][:200]}") from error
    finally:
        loader.dispose()
    if config is None:
        raise SvqvaeError(f"{path}: is empty; config/config.yaml is an example")
    if not isinstance(config, dict):
        raise SvqvaeError(f"{path}: expected a mapping with the keys datasets and models")
    if loader.twice:
        more = len(loader.twice) - _LISTED
        rest = [f"{more} more keys are there twice"] if more > 0 else []
        raise SvqvaeError(f"{path}: {p}" for p in [*loader.twice[:_LISTED], *rest])
    return config


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SvqvaeError(f"{path}: {error.strerror or error}") from error
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            raise SvqvaeError(f"{path}: is {name}, expected UTF-8; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SvqvaeError(
            f"{path}: line {line}: byte {content[error.start]:#x} is not UTF-8; save it as UTF-8"
        ) from error


def check_files(files: Iterable[str | Path], config: Mapping[str, Any]) -> list[Path]:
    """Return those files that a configuration was read from, each read again strictly.

    As a module of another workflow, the files are the other's and the configuration is not.

    Raises
    ------
    SvqvaeError
        As :func:`read_config`.
    """
    found = []
    for path in map(Path, files):
        try:
            loaded = yaml.safe_load(_text(path))
        except (yaml.YAMLError, ValueError, SvqvaeError):
            loaded = config
        own = isinstance(loaded, Mapping) and (
            loaded.get("__use_yte__") is None
            and all(str(key) in {str(k) for k in config} for key in loaded)
        )
        if own:
            read_config(path)
            found.append(path)
    return found


def report_name(files: Iterable[str | Path], default: Iterable[str | Path] = (DEFAULT,)) -> str:
    """Return the name of the report of a run: each configuration has its own.

    Parameters
    ----------
    files
        Files of the configuration; the last one names it.
    default
        Where the default configuration lies, whose report is report.html.
    """
    named = [Path(f).resolve() for f in files]
    if not named or named[-1] in [Path(d).resolve() for d in default]:
        return "report.html"
    name = re.sub(r"[^\w.-]+", "-", named[-1].stem)
    return f"report-{name}.html"


def require_own_report(report: str | Path, files: Iterable[str | Path]) -> None:
    """Refuse to replace the report of another configuration, which :func:`note_report` noted.

    Parameters
    ----------
    report
        Where :func:`report_name` has it lie.
    files
        Files of the configuration, as there.

    Raises
    ------
    SvqvaeError
        If it is the report of another file that is still there.
    """
    report, named = Path(report), [Path(f).resolve() for f in files]
    note = _note_of(report)
    if not named or not note.is_file() or not report.exists():
        return
    other = Path(note.read_text(encoding="utf-8"))
    if other != named[-1] and other.is_file():
        raise SvqvaeError(
            f"{report}: is the report of {other}, and {named[-1]} would replace it; rename one of "
            "the two files, or give one another folder under `results`"
        )


def note_report(report: str | Path, files: Iterable[str | Path]) -> None:
    """Note in a hidden file beside a report whose it is; of the default one, its name says it."""
    report, named = Path(report), [Path(f).resolve() for f in files]
    if named and report.name != "report.html" and report.exists():
        with atomic_path(_note_of(report)) as temporary:
            temporary.write_text(str(named[-1]), encoding="utf-8")


def _note_of(report: Path) -> Path:
    return report.with_name(f".{report.name}.of")


def main() -> None:
    """Check that the file given on the command line can be read."""
    try:
        read_config(sys.argv[1])
    except SvqvaeError as error:
        sys.exit(f"configuration: {error}")


if __name__ == "__main__":
    main()
