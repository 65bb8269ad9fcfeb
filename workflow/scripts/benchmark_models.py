"""Put all models of a data set side by side, with intervals."""

from _job import job

with job(snakemake):
    import pandas as pd

    from svqvae.io.atomic import write_table
    from svqvae.io.tables import read_result
    from svqvae.tl.evaluate import benchmark, summarise

    roles = dict(snakemake.params.models)
    scores = {m: read_result(p) for m, p in zip(roles, snakemake.input.scores, strict=True)}
    rows = [benchmark(table, model=m, role=roles[m]) for m, table in scores.items()]
    write_table(pd.concat(rows), snakemake.output.benchmark)
    summary = summarise(
        scores, roles=roles, reference=snakemake.params.reference, draws=snakemake.params.draws
    )
    write_table(summary, snakemake.output.summary)
