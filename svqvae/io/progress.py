"""How far a download has come, in plain lines for a log."""

from __future__ import annotations

import logging
import time

from svqvae.io.partial import Partial

log = logging.getLogger("svqvae")


def written_size(number: int) -> str:
    """Return a number of bytes as people write it."""
    value = float(number)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


class Progress:
    """Logs in plain lines, no more than one per 10 s and per 5 %.

    Parameters
    ----------
    url
        Where the bytes come from.
    partial
        Where they go; what it holds when this begins is not counted as fetched.
    """

    def __init__(self, url: str, partial: Partial) -> None:
        self._partial = partial
        total = "" if partial.length is None else f", {written_size(partial.length)}"
        start = f", from byte {partial.size} on" if partial.size else ""
        log.info("fetching %s%s%s", url, total, start)
        self._logged = self._started = time.monotonic()
        self._first = self._logged_size = partial.size

    def report(self) -> None:
        """Log how far it is, if it is time to."""
        partial, now = self._partial, time.monotonic()
        step = 0 if partial.length is None else partial.length / 20
        if now - self._logged < 10 or partial.size - self._logged_size < step:
            return
        speed = (partial.size - self._first) / (now - self._started)
        share = "" if partial.length is None else f"{partial.size / partial.length:.0%}, "
        done = written_size(partial.size)
        log.info("%s: %s%s, %s/s", partial.path.name, share, done, written_size(int(speed)))
        self._logged, self._logged_size = now, partial.size
