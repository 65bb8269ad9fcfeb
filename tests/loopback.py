"""A web server on this machine that serves well or badly, request by request."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple


class Fault(NamedTuple):
    """What goes wrong with one request; ``after`` counts bytes of the body sent before."""

    kind: str  # close, stall, corrupt, status, range, slow
    after: int = 0
    status: int = 503
    headers: dict[str, str] | None = None


@dataclass
class Served:
    """A file of the server; each request takes one of its faults until none is left."""

    body: bytes
    etag: str | None = '"v1"'
    last_modified: str | None = "Wed, 16 Dec 2020 23:54:09 GMT"
    ranges: bool = True
    length: bool = True
    faults: list[Fault] = field(default_factory=list)


class Request(NamedTuple):
    method: str
    path: str
    range: str | None
    status: int
    sent: int


class Loopback:
    """``with Loopback() as server:``; files by path, requests in order."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self._begun = 0
        self._ended: dict[int, Request] = {}
        self._change = threading.Condition()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Loopback:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, name: str, body: bytes, *faults: Fault, **settings) -> str:
        """Serve a file; return its URL."""
        self.files[f"/{name}"] = Served(body, faults=list(faults), **settings)
        return f"{self.root}/{name}"

    @property
    def requests(self) -> list[Request]:
        """All requests; waits for those that the server is still at."""
        with self._change:
            assert self._change.wait_for(lambda: len(self._ended) == self._begun, timeout=10)
            return [self._ended[i] for i in sorted(self._ended)]

    def asked(self, name: str) -> list[Request]:
        """Requests of one file."""
        return [r for r in self.requests if r.path == f"/{name}"]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with server._change:
                    server._begun += 1
                    self.number = server._begun
                file = server.files.get(self.path.partition("?")[0])
                if file is None:
                    return self._end(404, {})
                fault = file.faults.pop(0) if file.faults else Fault("none")
                if fault.kind == "status":
                    return self._end(fault.status, fault.headers or {})
                body, status, headers = file.body, 200, {}
                if file.etag:
                    headers["ETag"] = file.etag
                if file.last_modified:
                    headers["Last-Modified"] = file.last_modified
                asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
                same = self.headers.get("If-Range") in (None, file.etag, file.last_modified)
                if asked and file.ranges and same:
                    start = int(asked[1])
                    if start >= len(body):
                        return self._end(416, {"Content-Range": f"bytes */{len(body)}"})
                    shown = start + 7 if fault.kind == "range" else start
                    headers["Content-Range"] = f"bytes {shown}-{len(body) - 1}/{len(body)}"
                    status, body = 206, body[start:]
                if file.length:
                    headers["Content-Length"] = str(len(body))
                if fault.kind == "corrupt":
                    body = (
                        body[: fault.after]
                        + bytes([body[fault.after] ^ 1])
                        + body[fault.after + 1 :]
                    )
                if fault.kind in ("close", "stall"):
                    body = body[: fault.after]
                self._end(status, headers, body, slowly=fault.kind == "slow")
                if fault.kind == "stall":
                    server._closing.wait(5)

            do_HEAD = do_GET

            def _end(self, status, headers, body=b"", *, slowly=False) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                sent = 0
                if self.command == "GET":
                    try:
                        for at in range(0, len(body), 50_000):
                            self.wfile.write(body[at : at + 50_000])
                            sent = min(at + 50_000, len(body))
                            if slowly:
                                time.sleep(0.05)
                    except OSError:  # the client was killed
                        pass
                request = Request(self.command, self.path, self.headers.get("Range"), status, sent)
                with server._change:
                    server._ended[self.number] = request
                    server._change.notify_all()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def kill_after(process: subprocess.Popen, partial: Path, size: int, *, group: bool = False) -> int:
    """Kill a process (or its group) once it has written ``size`` bytes; return how many it has."""
    deadline = time.monotonic() + 120
    while not (partial.exists() and partial.stat().st_size > size):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    return partial.stat().st_size
