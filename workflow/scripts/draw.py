"""Draw figures, each beside the table that it draws."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import Look, draw

    draw(
        snakemake.params.figures,
        dict(snakemake.input.items()),
        Path(snakemake.output[0]).parent,
        roles=snakemake.params.roles,
        look=Look(**snakemake.params.look),
    )
