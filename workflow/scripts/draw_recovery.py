"""Draw how much of the planted truth each model found."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import draw_recovery

    draw_recovery(snakemake.input[0], out=Path(snakemake.output.svg).parent)
