"""Draw where the known targets of drugs rank among knock-downs."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import draw_targets

    draw_targets(snakemake.input[0], out=Path(snakemake.output.svg).parent)
