"""Put all models of a data set side by side, with intervals; and how far to trust them."""

from _job import job

with job(snakemake):
    import pandas as pd

    from svqvae.io.atomic import write_table
    from svqvae.io.tables import read_result
    from svqvae.tl.evaluation.compare import benchmark, bootstrap_metrics, compare, summarise
    from svqvae.tl.evaluation.reliability import reliability

    roles, draws = dict(snakemake.params.models), snakemake.params.draws
    scores = {m: read_result(p) for m, p in zip(roles, snakemake.input.scores, strict=True)}
    rows = [benchmark(table, model=m, role=roles[m]) for m, table in scores.items()]
    write_table(pd.concat(rows), snakemake.output.benchmark)
    drawn = bootstrap_metrics(scores, draws=draws)
    summary = summarise(drawn, roles=roles, reference=snakemake.params.reference)
    write_table(summary, snakemake.output.summary)
    comparison = compare(drawn, roles=roles, subject=snakemake.params.subject)
    write_table(comparison, snakemake.output.comparison)
    found = {m: reliability(table, draws=draws) for m, table in scores.items()}
    bins = [part.assign(model=m, role=roles[m]) for m, (part, _) in found.items()]
    write_table(pd.concat(bins), snakemake.output.reliability)
    errors = [{"model": m, "role": roles[m], **error} for m, (_, error) in found.items()]
    write_table(pd.DataFrame(errors), snakemake.output.calibration)
