"""Draw how real the signatures look that each model simulates."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import draw_realism

    draw_realism(
        dict(zip(snakemake.params.models, snakemake.input, strict=True)),
        roles=snakemake.params.models,
        out=Path(snakemake.output.svg).parent,
    )
