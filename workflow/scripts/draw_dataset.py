"""Draw the benchmark and the filters of one data set."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pl.draw import draw_dataset

    draw_dataset(
        benchmark=snakemake.input.benchmark,
        summary=snakemake.input.summary,
        comparison=snakemake.input.comparison,
        calibration=snakemake.input.calibration,
        reliability=snakemake.input.reliability,
        filters=snakemake.input.filters,
        out=Path(snakemake.output.benchmark).parent,
    )
