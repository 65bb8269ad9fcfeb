"""Write the one self-contained page."""

from _job import job

with job(snakemake):
    from svqvae.report.page import write_report

    write_report(
        snakemake.output[0],
        results=snakemake.params.results,
        config=snakemake.params.config,
        reference=snakemake.params.reference,
    )
