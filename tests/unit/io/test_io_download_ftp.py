"""Downloads over FTP, from the least server that urllib talks to."""

import socket
import threading

import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.download import fetch

BODY = bytes(range(256)) * 500


@pytest.fixture
def ftp():
    """Serve ``pub/a.bin``; the first transfer breaks off half-way."""
    listener = socket.create_server(("127.0.0.1", 0))
    transfers = []

    def talk(connection):
        data = None
        lines = connection.makefile("rw", newline="\r\n")

        def say(line):
            lines.write(f"{line}\n")
            lines.flush()

        say("220 ready")
        for line in lines:
            command, _, argument = line.strip().partition(" ")
            if command == "EPSV":
                data = socket.create_server(("127.0.0.1", 0))
                say(f"229 Entering ({'|' * 3}{data.getsockname()[1]}|)")
            elif command == "RETR" and argument != "a.bin":
                say("550 No such file")
            elif command == "RETR":
                transfers.append(len(BODY) if transfers else len(BODY) // 2)
                say(f"150 Opening ({len(BODY)} bytes)")
                with data, data.accept()[0] as channel:
                    channel.sendall(BODY[: transfers[-1]])
                say("226 Done")
            elif command in ("LIST", "NLST"):
                say("550 No such file")
            elif command == "QUIT":
                say("221 Bye")
                return
            else:
                say("331 Password" if command == "USER" else "250 Fine")

    def listen():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    yield f"ftp://127.0.0.1:{listener.getsockname()[1]}/pub", transfers
    listener.close()


def test_a_transfer_that_breaks_off_is_made_again(ftp, tmp_path):
    root, transfers = ftp
    fetch(f"{root}/a.bin", tmp_path / "a.bin", timeout=5, backoff=0.001)
    assert (tmp_path / "a.bin").read_bytes() == BODY
    assert transfers == [len(BODY) // 2, len(BODY)]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_is_not_there_is_final(ftp, tmp_path):
    root, transfers = ftp
    with pytest.raises(SvqvaeError, match="no such file"):
        fetch(f"{root}/b.bin", tmp_path / "b.bin", timeout=5, backoff=60)
    assert transfers == []
    assert list(tmp_path.iterdir()) == []
