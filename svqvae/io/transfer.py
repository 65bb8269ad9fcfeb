"""One attempt at a download: the request, what its answer means, and the bytes."""

from __future__ import annotations

import email.utils
import http.client
import re
import shutil
import ssl
import string
from datetime import UTC, datetime
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from svqvae.errors import SvqvaeError
from svqvae.io.partial import Partial
from svqvae.io.progress import Progress, written_size

#: Answers below 500 that may be another one next time.
_PASSING = {408, 425, 429}
_MISSING = {404, 410}

_BLOCK = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Interrupted(Exception):
    """An attempt ended early; another one may bring more.

    Parameters
    ----------
    message
        What came instead.
    retry_after
        Seconds that the server asks to wait.
    """

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def transfer(
    url: str,
    partial: Partial,
    *,
    size: int | None,
    unpacked: bool,
    timeout: float,
    verifiable: bool,
) -> None:
    """Ask for what ``partial`` lacks and append it.

    Parameters
    ----------
    size
        Expected length of the whole file; an answer that announces another is an error at once.
    unpacked
        Whether there must be room for the unpacked file too.
    verifiable
        Whether a checksum follows; without one, bytes are only continued if the server says
        by a validator that they belong to the same version.

    Raises
    ------
    Interrupted
        If another attempt may help.
    SvqvaeError
        If it would not.
    """
    if partial.url != url or not (partial.validator or verifiable):
        partial.clear()
    if partial.is_whole:
        return
    asked = partial.size
    headers = {"User-Agent": "svqvae"}
    if asked:
        headers["Range"] = f"bytes={asked}-"
        if partial.validator:
            headers["If-Range"] = partial.validator
    with _open(url, headers, partial, timeout) as response:
        if response is None:  # nothing was missing
            return
        if asked and getattr(response, "status", None) == 206:
            _require_continuation(response.headers, partial)
        else:
            length = _whole_number(response.headers.get("Content-Length"))
            if size is not None and length is not None and length != size:
                raise SvqvaeError(
                    f"{url}: the server offers {length} bytes, expected {size}: another version?"
                )
            partial.begin(url, validator=_validator(response.headers), length=length)
        _require_room(partial, unpacked=unpacked)
        _copy(response, partial, Progress(url, partial), timeout)
        # Without a length a connection that breaks looks like one that ends.
        open_ended = partial.length is None and not getattr(response, "chunked", False)
    if open_ended and size is None and not verifiable and not unpacked:
        partial.clear()
        raise SvqvaeError(
            f"{url}: the server does not say how long the file is, so that a broken connection "
            "would go unnoticed; give size, sha256, sha512, git_blob or checksums"
        )
    if partial.length is not None and partial.size != partial.length:
        problem = f"the connection closed after {partial.size} of {partial.length} bytes"
        if partial.size > partial.length:  # a range longer than was announced
            partial.clear()
        raise Interrupted(problem)
    partial.length = partial.size


class _Nothing:
    """Stands for the answer to a request of bytes beyond the end of a whole file."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _open(url: str, headers: dict[str, str], partial: Partial, timeout: float) -> Any:
    try:
        # What is not ASCII must be written in percent in a request.
        plain = quote(url, safe=string.punctuation)
        return urlopen(Request(plain, headers=headers), timeout=timeout)
    except HTTPError as error:
        with error:
            code, answer = error.code, f"HTTP {error.code} {error.reason}"
            if code == 416 and partial.size:
                if error.headers.get("Content-Range") == f"bytes */{partial.size}":
                    partial.length = partial.size
                    return _Nothing()
                partial.clear()
                raise Interrupted(f"{answer}: the file on the server changed") from error
            if code in _PASSING or code >= 500:
                raise Interrupted(answer, retry_after=_retry_after(error.headers)) from error
        if code in _MISSING:
            raise SvqvaeError(f"{url}: {answer}; the server has no such file") from error
        raise SvqvaeError(
            f"{url}: {answer}; the server does not hand it out: check the address, and whether "
            "it asks for a login"
        ) from error
    except http.client.InvalidURL as error:
        raise SvqvaeError(f"{url}: not a valid URL ({error})") from error
    except (OSError, http.client.HTTPException) as error:
        if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
            raise SvqvaeError(f"{url}: the server's certificate is not valid ({error})") from error
        raise Interrupted(_words(error, timeout)) from error


def _copy(response: Any, partial: Partial, progress: Progress, timeout: float) -> None:
    while True:
        try:
            # Not read(): on a time-out it would lose what came of an unfinished block.
            block = response.read1(_BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise Interrupted(_words(error, timeout)) from error
        if not block:
            return
        try:
            partial.append(block)
        except OSError as error:
            raise SvqvaeError(
                f"{partial.path}: cannot be written ({error.strerror}); what came so far is kept: "
                "run again when there is room"
            ) from error
        progress.report()


def _require_continuation(headers: Message, partial: Partial) -> None:
    """Compare a partial answer with what was asked for; else start afresh."""
    found = headers.get("Content-Range", "none")
    match = _RANGE.fullmatch(found.strip())
    fits = match is not None and int(match[1]) == partial.size
    if match and fits and match[2] != "*":
        fits = partial.length in (None, int(match[2]))
        partial.length = int(match[2])
    kind = "ETag" if (partial.validator or "").startswith('"') else "Last-Modified"
    # A server that ignores If-Range would mix two versions.
    if not fits or headers.get(kind, partial.validator) != partial.validator:
        asked = partial.size
        partial.clear()
        raise Interrupted(f"asked for bytes from {asked} of the same file, got range '{found}'")


def _validator(headers: Message) -> str | None:
    """Return what tells this version of the file, if the server says it."""
    etag = headers.get("ETag")
    # Weak tags do not promise the same bytes; If-Range takes none.
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("Last-Modified")


def _require_room(partial: Partial, *, unpacked: bool) -> None:
    if partial.length is None:
        return
    # Unpacked it is larger than packed; by how much is not known before.
    needed = partial.length - partial.size + (partial.length if unpacked else 0)
    folder = partial.path.parent
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise SvqvaeError(
            f"{folder}: {written_size(free)} free, but {written_size(needed)} are needed"
            + (" at least, to fetch and unpack" if unpacked else "")
        )


def _retry_after(headers: Message) -> float:
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _whole_number(value: str | None) -> int | None:
    return int(value) if value is not None and value.strip().isdigit() else None


def _words(error: Exception, timeout: float) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"nothing came for {timeout:g} s"
    return f"{reason}" or type(reason).__name__
