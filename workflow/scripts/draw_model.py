"""Draw one model's figures, each beside its table."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import draw_model

    draw_model(
        signatures=snakemake.input.signatures,
        model=Path(snakemake.input.model).parent,
        folder=Path(snakemake.input.classes).parent,
        out=Path(snakemake.output.network).parent,
    )
