"""``python -m svqvae``: the command line."""

from svqvae.run.cli import app

app(prog_name="svqvae")
