"""What is downloaded in tests, and what must be left in the folder afterwards."""

import gzip
import hashlib
import random

from svqvae.errors import SvqvaeError
from svqvae.io.download import fetch

BODY = random.Random(0).randbytes(400_000)
PACKED = gzip.compress(BODY, mtime=0)
SHA256 = hashlib.sha256(BODY).hexdigest()
SHA512 = hashlib.sha512(PACKED).hexdigest()
HALF = 150_000


def get(url, path, **options):
    options.setdefault("timeout", 5)
    return fetch(url, path, backoff=options.pop("backoff", 0.001), **options)


def files(folder):
    return sorted(p.name for p in folder.iterdir())


def assert_only(path, content=BODY):
    """The whole file is there, and nothing else."""
    assert path.read_bytes() == content
    assert files(path.parent) == [path.name]


class Refused:
    """``with Refused(folder, *words, left=...)``: a SvqvaeError, and these files left."""

    def __init__(self, folder, *words, left=()):
        self.folder, self.words, self.left = folder, words, left

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert kind is not None, "no error was raised"
        assert issubclass(kind, SvqvaeError), error
        self.message = str(error)
        for word in self.words:
            assert word in self.message, self.message
        assert files(self.folder) == sorted(self.left)
        return True


#: Another version: as long, so that only its validator tells.
OLD = random.Random(9).randbytes(len(BODY))
PARTIAL = (".a.bin.part", ".a.bin.part.json")
