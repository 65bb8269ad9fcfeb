"""Draw the training curves of the model of all data."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import draw_training

    draw_training(snakemake.input[0], out=Path(snakemake.output.svg).parent)
