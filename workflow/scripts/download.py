"""Fetch one file, verify it, and move it into place."""

from _job import job

with job(snakemake):
    from svqvae.run.downloads import obtain

    # What an interrupted attempt leaves beside the output, Snakemake does not know of and so
    # does not delete: the next attempt resumes it.
    obtain(snakemake.output[0], snakemake.params.settings)
