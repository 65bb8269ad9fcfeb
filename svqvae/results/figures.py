"""The figures of a run, in the order of the page."""

from __future__ import annotations

from svqvae import keys
from svqvae.results import case, parts
from svqvae.results.row import DATASET, MODEL, Call, Figure

_EVALUATION, _NETWORK = "svqvae.pl.evaluation", "svqvae.pl.network"

ROWS = [
    Figure(
        name="benchmark",
        folder=DATASET,
        heading=parts.HELD_OUT,
        title="Benchmark",
        caption="Scores on held-out perturbagens, the same folds for every model. Small dots: "
        "folds and seeds; large marks: all held-out signatures; bars: 95 % bootstrap intervals "
        "over perturbagens. Orange diamonds: models, grey circles: baselines.",
        table="benchmark_summary",
        draw=Call(f"{_EVALUATION}:benchmark", ("benchmark",)),
    ),
    Figure(
        name="risk_coverage",
        folder=DATASET,
        heading=parts.SURE,
        title="Accuracy on what models are surest of",
        caption="Each model answers for the held-out signatures that it is surest of (compounds, "
        "where they have several signatures) and is silent on the rest. Left: accuracy by the "
        "share that is answered; thick: {subject}, with its 95 % bootstrap interval over "
        "compounds. Right: accuracy where a tenth, a fifth and half are answered; hollow where "
        "the interval of the difference to {subject} contains 0.",
        table="risk_coverage",
        draw=Call("svqvae.pl.selective:risk_coverage"),
    ),
    Figure(
        name="comparison",
        folder=DATASET,
        heading=parts.COMPARED,
        title="Paired comparison",
        caption="{subject} minus each other model, on the same held-out compounds: mean and 95 % "
        "interval of a paired bootstrap over compounds. Right of the line it is better; where a "
        "mark is hollow, the interval contains 0.",
        table="benchmark_comparisons",
        draw=Call("svqvae.pl.comparisons:comparison"),
    ),
    Figure(
        name="reliability",
        folder=DATASET,
        heading=parts.CALIBRATED,
        title="Reliability of probabilities",
        caption="Confidence in the first class against how often it is right, on held-out "
        "compounds, in ten bins; the area of a dot is the number of signatures, bars are 95 % "
        "bootstrap intervals over compounds. On the diagonal probabilities are calibrated. "
        "ECE: expected calibration error. Only the preset svqvae is calibrated; the others' "
        "probabilities are a softmax of their scores.",
        table="reliability",
        draw=Call("svqvae.pl.comparisons:reliability", ("calibration",)),
    ),
    Figure(
        name="recovery",
        folder=DATASET,
        when=case.planted,
        heading=parts.PLANTED,
        title="Planted truth found",
        caption="How much of the planted truth each model found. Marks: the model of all data; "
        "bars: range over the models that each left a fold out.",
        table="recovery",
        draw=Call(f"{_EVALUATION}:recovery"),
    ),
    Figure(
        name="realism",
        folder=DATASET,
        when=case.simulating,
        heading=parts.SIMULATED,
        title="How real simulated signatures look",
        caption="Simulated signatures beside held-out real ones. Left: the AUC of the better of "
        "two classifiers (simulated as positive); at 0.5 (line) they are indistinguishable. "
        "Right: share of simulated signatures whose nearest held-out signature is of their class; "
        "upright strokes are what real signatures of other compounds reach. Dots: classes; "
        "large marks: all classes, with 95 % bootstrap intervals.",
        text=("model", keys.CLASS),
        table="realism",
        draw=Call(f"{_EVALUATION}:realism"),
    ),
    Figure(
        name="drug_targets",
        folder=DATASET,
        when=case.targeted,
        heading=parts.TARGETS,
        title="Drug targets among knock-downs",
        caption="For each drug, where the best-ranked of its known targets stands among all "
        "knocked-down genes, ordered by similarity to the drug within cell lines: in the latent "
        "space of a {subject} model that never saw the drug, and in the signatures themselves. "
        "The higher the curve the better; on the dashed line are genes drawn at random.",
        table="drug_targets",
        draw=Call("svqvae.pl.targets:drug_targets"),
    ),
    Figure(
        name="filters",
        folder=DATASET,
        heading=parts.SOURCE,
        title="Filters",
        caption="Signatures left after each filter.",
        table="filters",
        draw=Call(f"{_EVALUATION}:filters"),
    ),
    Figure(
        name="mechanism_correlations",
        folder=MODEL,
        when=case.described,
        of_classes=True,
        title="Correlations of mechanisms",
        caption="Pearson correlation between the class codes, in the order of Ward's tree of the "
        "standardised codes. The strips show the clusters, by number; squares mark pairs beyond "
        "chance (q at most 0.05). Of more than 100 classes clusters are named at the side.",
        table="mechanism_correlations",
        draw=Call("svqvae.pl.mechanisms:mechanism_correlations", ("class_clusters", "classes")),
    ),
    Figure(
        name="mechanism_network",
        folder=MODEL,
        when=case.described,
        of_classes=True,
        title="Mechanisms that resemble each other beyond chance",
        caption="All classes, near to those that they resemble; the number in a dot is its "
        "cluster. Lines in ink join pairs whose held-out members resemble each other beyond chance "
        "(q at most 0.05, the response that all share taken out). Solid ones are found again in "
        "80 % of resamples without a fifth of the held-out compounds (by the same models); wider "
        "ones have a higher correlation of codes. Faint lines join each class to its nearest one, "
        "as published, which is no finding. The network of pairs lies beside the model's tables as "
        "TSV and as GraphML for Cytoscape and Gephi.",
        table="mechanism_network",
        draw=Call(f"{_NETWORK}:mechanism_network", ("class_clusters", "mechanism_correlations")),
    ),
    Figure(
        name="nearest_network",
        folder=MODEL,
        when=case.described,
        of_classes=True,
        title="Nearest mechanisms (every class has one; the published network)",
        caption="Each class is joined to its most correlated class; black edges join classes that "
        "are each other's nearest, with the correlation of their codes. The number in a dot is its "
        "cluster. Every class has a nearest "
        "one: see the intervals and q-values in mechanism_correlations.tsv before reading an edge "
        "as a finding.",
        table=Call("svqvae.tl.relations.network:nearest_edges", ("mechanism_correlations",)),
        draw=Call(f"{_NETWORK}:nearest_network", ("class_clusters",)),
    ),
    Figure(
        name="class_profiles",
        folder=MODEL,
        when=case.described,
        of_classes=True,
        title="Decoded class profiles",
        caption="The class codes, decoded to expression: strongest marker genes of each class (or "
        "the decoded images). The strip shows the clusters, by number; each gene stands where the "
        "class is in which it is strongest.",
        table=Call("svqvae.pl.profiles:profile_table", ("classes", "class_markers", "signatures")),
        draw=Call("svqvae.pl.profiles:class_profiles", ("class_clusters", "signatures")),
    ),
    Figure(
        name="latent_map",
        folder=MODEL,
        when=case.described,
        title="Map of signatures and codes",
        caption="Signatures and class codes (outlined) in the plane of the first two principal "
        "components of the codes, in colour and shape of their cluster of classes. At most 3,000 "
        "signatures are drawn.",
        text=("name", keys.CLASS, keys.PERT_ID, keys.PERT_NAME),
        table=Call("svqvae.pl.latent:map_table", ("model", "signatures", "class_clusters")),
        draw=Call("svqvae.pl.latent:latent_map"),
    ),
    Figure(
        name="confusion",
        folder=MODEL,
        when=case.described,
        of_classes=True,
        title="Confusion on held-out perturbagens",
        caption="Held-out signatures by true and predicted class, all folds and seeds: each row "
        "sums to 1. The strips show the clusters, by number. No model saw a "
        "perturbagen that it is scored on.",
        table=Call("svqvae.tl.evaluation.evaluate:confusion", ("predictions",)),
        draw=Call(f"{_EVALUATION}:confusion", ("class_clusters",)),
    ),
    Figure(
        name="training",
        folder=MODEL,
        when=case.trained,
        title="Training",
        caption="The terms of the objective over the epochs, for the model of all data.",
        table="history",
        draw=Call(f"{_EVALUATION}:training"),
    ),
]
