"""Put all models of a data set side by side, with intervals; and how far to trust them."""

from _job import job

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.tables import read_result
    from svqvae.results import model_of
    from svqvae.tl.evaluation.side_by_side import benchmark_tables

    tables = benchmark_tables(
        {model_of(path): read_result(path) for path in snakemake.input.scores},
        {model_of(path): read_result(path) for path in snakemake.input.compounds},
        roles=snakemake.params.roles,
        reference=snakemake.params.reference,
        subject=snakemake.params.subject,
        draws=snakemake.params.draws,
    )
    for name, table in tables.items():
        write_table(table, snakemake.output[name])
