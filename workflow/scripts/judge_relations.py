"""Hold the relations that each model finds against pairs of classes known to be related."""

from _job import job

with job(snakemake):
    import anndata as ad
    import pandas as pd

    from svqvae import keys
    from svqvae.io.atomic import write_table
    from svqvae.io.tables import read_result
    from svqvae.tl.relations import knowledge
    from svqvae.tl.relations.connectivity import class_connectivity
    from svqvae.tl.relations.relations import as_matrix

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    params, subject = snakemake.params, snakemake.params.subject[0]
    relations = dict(zip(params.models, map(read_result, snakemake.input.relations), strict=True))
    names = list(as_matrix(relations[subject]).index)
    if truth := snakemake.input.get("truth"):
        related = knowledge.planted_pairs(ad.read_h5ad(truth).obs, names)
    else:
        related = knowledge.known_pairs(adata.obs, names, snakemake.input.get("known") or None)
    tables = [
        knowledge.relation_agreement(table, related, draws=params.draws).assign(
            model=model, role=params.models[model]
        )
        for model, table in relations.items()
    ]
    rival = knowledge.agreement(class_connectivity(adata, names), related, draws=params.draws)
    rival = {"measure": "median_rank_similarity", **rival}
    tables.append(pd.DataFrame([rival]).assign(model="pcl_connectivity", role="baseline"))
    agreement = pd.concat(tables, ignore_index=True)
    for at, column in enumerate(("model", "role")):
        agreement.insert(at, column, agreement.pop(column))
    write_table(agreement, snakemake.output.agreement)
    has_targets = keys.TARGET in adata.obs
    targets = knowledge.class_targets(adata.obs, names) if has_targets else None
    pairs = knowledge.known_pair_table(relations[subject], related, targets)
    write_table(pairs, snakemake.output.pairs)
