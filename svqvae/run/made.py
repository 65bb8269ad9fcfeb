"""What tables and figures were when their job had made them: damage since then is refused.

A table has no place for a checksum that a reader of tables would not trip over. So those of the
outputs of a job lie in a hidden folder beside the logs. h5ad files and models have their own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from isal import isal_zlib

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path

log = logging.getLogger("svqvae")

#: In the folder of the logs.
FOLDER = ".sums"
_LOGS = "logs"
#: Files that are checked by what is in them.
_CHECKED = (".h5ad", ".gctx", ".safetensors", ".json", "history.tsv")
_BLOCK = 1 << 20


class Made:
    """The checksums of what the jobs of a run have made.

    Parameters
    ----------
    results
        Folder of the results, which has the logs too; None keeps no checksums.
    """

    def __init__(self, results: Path | None) -> None:
        self._results = results

    @classmethod
    def beside(cls, log_file: str | Path, outputs: Iterable[str | Path]) -> Made:
        """Return those of the results that a job's log and outputs lie in."""
        paths = [Path(p).absolute() for p in (log_file, *outputs)]
        folder = Path(os.path.commonpath([p.parent for p in paths]))
        inside = paths[0].relative_to(folder).parts
        return cls(folder if len(paths) > 1 and inside[0] == _LOGS else None)

    def require(self, inputs: Iterable[str | Path]) -> None:
        """Refuse inputs that are not what their job made, all at once.

        Raises
        ------
        SvqvaeError
            Names them.
        """
        problems = []
        for path in map(Path, inputs):
            note = self._note(path)
            if note is None or not note.is_file() or not path.is_file():
                continue
            if note.read_text(encoding="utf-8", errors="replace") != _sum_of(path):
                problems.append(
                    f"{path}: damaged or edited: it is not what the run wrote; delete it, and the "
                    "run makes it again"
                )
        if problems:
            raise SvqvaeError(problems)

    def forget(self, outputs: Iterable[str | Path]) -> None:
        """Drop the checksums of what is made anew."""
        for note in filter(None, map(self._note, map(Path, outputs))):
            with suppress(OSError):
                note.unlink(missing_ok=True)

    def note(self, outputs: Iterable[str | Path]) -> None:
        """Keep the checksums of what was made; where they cannot be written, the log says so."""
        for path in map(Path, outputs):
            note = self._note(path)
            if note is None or not path.is_file():
                continue
            try:
                with atomic_path(note) as temporary:
                    temporary.write_text(_sum_of(path), encoding="utf-8")
            except SvqvaeError as error:
                log.warning("%s: its checksum is not kept (%s)", path, error)
                return

    def _note(self, path: Path) -> Path | None:
        """Return where the checksum of a result lies; None for what has none."""
        if self._results is None or path.name.endswith(_CHECKED):
            return None
        path = path.absolute()
        if not path.is_relative_to(self._results):
            return None
        inside = path.relative_to(self._results)
        # No name that whoever looks for tables or figures would take for one.
        return self._results / _LOGS / FOLDER / inside.with_name(f"{inside.name}.crc32")


def _sum_of(path: Path) -> str:
    found = size = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            found, size = isal_zlib.crc32(block, found), size + len(block)
    return f"{size} {found:08x}\n"
