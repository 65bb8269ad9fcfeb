"""Text files as people have them: any encoding, compressed or not, to one stream of UTF-8.

What a file is follows from its first bytes, not from its name.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from svqvae.errors import SvqvaeError

#: First bytes of compressed files.
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_OPENERS = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}
#: How text is packed when it is written, by the end of its name.
_WRITERS: dict[str, Callable[..., IO[str]]] = {
    "gz": gzip.open,
    "bz2": bz2.open,
    "xz": lzma.open,
}
#: First bytes of files that are no text, by what they are.
_BINARY = {b"\x89HDF": "an HDF5 file", b"PAR1": "a Parquet file", b"%PDF": "a PDF file"}
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HEAD, _BLOCK = 4096, 1 << 20
#: Bytes of a line that may be real: the ids or the values of ten million signatures.
_LONGEST_LINE = 256 << 20
#: Control characters, halves of pairs and what Unicode reserves.
_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")
#: What reading a compressed file raises where it is cut or damaged.
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)
#: Decodes bytes that are not UTF-8 as Windows' Latin-1.
FALLBACK = "svqvae.latin-1"


def _windows_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    try:
        return wrong.decode("cp1252"), error.end
    except UnicodeDecodeError:  # one of five bytes that Windows leaves undefined
        return wrong.decode("latin-1"), error.end


codecs.register_error(FALLBACK, _windows_latin1)


def compression_of(path: str | Path) -> str | None:
    """Return gzip, bz2, xz, zip or zstd, by the file's first bytes; None if it is none of them."""
    with open(path, "rb") as file:
        head = file.read(8)
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def open_unpacked(path: str | Path) -> BinaryIO:
    """Open a file as a stream of bytes, unpacked if it is gzip, bz2 or xz, whatever its name.

    Raises
    ------
    SvqvaeError
        If it is missing, a folder, unreadable, or packed in a way that is not read (zip, zstd).
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: {'a folder, not a file' if path.is_dir() else 'no such file'}")
    try:
        kind = compression_of(path)
        if kind is None:
            return open(path, "rb")
        if kind in _OPENERS:
            return _OPENERS[kind](path, "rb")  # type: ignore[operator]
    except OSError as error:
        raise SvqvaeError(f"{path}: cannot be read ({error.strerror})") from error
    raise SvqvaeError(f"{path}: packed as {kind}, which is not read; unpack it, or use gzip")


def brief(value: object, length: int = 40) -> str:
    """Return a value as an error may show it: text in quotes, on one line, cut where it is long."""
    text = str(value)
    text = text if len(text) <= length else f"{text[: length - 3]}..."
    return repr(text) if isinstance(value, str) else text


def without_controls(text: str, by: str = " ") -> str:
    r"""Return text with characters that neither XML nor a terminal should get replaced.

    Examples
    --------
    >>> without_controls("kinase\x1b[31m")
    'kinase [31m'
    """
    return _CONTROLS.sub(by, text)


def write_opener(path: str | Path) -> Callable[..., IO[str]]:
    """Return what opens a text file to be written, packed as its name says.

    Raises
    ------
    SvqvaeError
        If the name says zip or zstd, or packed twice.
    """
    suffixes = Path(path).name.lower().split(".")[1:]
    packed = [s for s in suffixes[-2:] if s in ("gz", "bz2", "xz", "zst", "zip")]
    if not packed:
        return open
    if len(packed) > 1 or packed[0] not in _WRITERS:
        raise SvqvaeError(
            f"{path}: is not written packed as .{'.'.join(packed)}; choose .gz, .bz2 or .xz"
        )
    return _WRITERS[packed[0]]


@contextmanager
def text_lines(path: str | Path) -> Iterator[IO[str]]:
    """Yield a text file, decoded and unpacked; every line ends with a line feed."""
    with utf8_stream(path) as stream:
        yield io.TextIOWrapper(stream, encoding="utf-8", newline="")


@contextmanager
def utf8_stream(
    path: str | Path, *, watch: Callable[[bytes], None] | None = None
) -> Iterator[io.BufferedReader]:
    """Yield the bytes of a text file as UTF-8 without a byte order mark, lines ended by LF.

    UTF-8, UTF-16 and UTF-32 are recognised by their byte order marks, UTF-16 without a mark by its
    zero bytes; bytes that are not UTF-8 are taken for Windows' Latin-1.

    Parameters
    ----------
    watch
        Is shown all bytes as they are read, and none at the end.

    Raises
    ------
    SvqvaeError
        As :func:`open_unpacked`; or if the file is no text.
    """
    with open_unpacked(path) as raw:
        buffered: io.BufferedReader = io.BufferedReader(raw, _HEAD * 2)  # type: ignore[arg-type]
        head = _peek(buffered)
        decoder = codecs.getincrementaldecoder(_encoding(head, path))(errors=FALLBACK)
        # Lines that end as on the first Macs would be one line to most parsers.
        lines = io.IncrementalNewlineDecoder(decoder, translate=True)
        yield io.BufferedReader(_Recoded(buffered, lines, Path(path), watch), _BLOCK)


def _peek(stream: io.BufferedReader) -> bytes:
    """Return the first bytes and leave them to be read again."""
    return stream.peek(_HEAD)[:_HEAD]


def _encoding(head: bytes, path: str | Path) -> str:
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise SvqvaeError(f"{path}: {what}, not text; its name says otherwise")
    for mark, name in _BOMS.items():
        if head.startswith(mark):
            return name
    zeros = head.count(0)
    if not zeros:
        return "utf-8"
    # Latin letters in UTF-16 are every second byte, the others being zero.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if zeros > len(head) / 3 and min(even, odd) <= zeros / 10:
        return "utf-16-le" if odd > even else "utf-16-be"
    raise SvqvaeError(f"{path}: not text, it holds zero bytes; a binary file under this name?")


class _Recoded(io.RawIOBase):
    """Bytes of one encoding, read as UTF-8."""

    def __init__(
        self,
        source: io.BufferedReader,
        decoder: io.IncrementalNewlineDecoder,
        path: Path,
        watch: Callable[[bytes], None] | None,
    ) -> None:
        self._source, self._decoder, self._path, self._watch = source, decoder, path, watch
        self._ready, self._ended = b"", False
        self._in_line = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            block = self._source.read(_BLOCK)
            self._ended = not block
            text = self._decoder.decode(block, self._ended)
            if "\0" in text:
                raise SvqvaeError(f"{self._path}: not text, it holds the character NUL")
            self._ready = text.encode("utf-8", errors="replace")
            self._refuse_endless_line()
            if self._watch is not None and self._ready:
                self._watch(self._ready)
            if self._watch is not None and self._ended:
                self._watch(b"")
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _refuse_endless_line(self) -> None:
        """Refuse a line that no table has, before all of it is in memory.

        A packed file of some kilobytes may unpack to one of any length.
        """
        end = self._ready.rfind(b"\n")
        self._in_line = len(self._ready) - 1 - end + (self._in_line if end < 0 else 0)
        if self._in_line > _LONGEST_LINE:
            raise SvqvaeError(
                f"{self._path}: a line of more than {_LONGEST_LINE / 1e6:.0f} MB, which no table "
                "has; look where the file comes from"
            )
