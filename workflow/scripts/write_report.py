"""Write the one self-contained page."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.report.page import write_report

    write_report(
        snakemake.output[0],
        results=Path(snakemake.output[0]).parent,
        made=snakemake.input.made,
        config=snakemake.params.config,
        reference=snakemake.params.reference,
        subject=snakemake.params.subject,
    )
