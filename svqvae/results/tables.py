"""The tables and other files of a run, in the order of the page."""

from __future__ import annotations

from svqvae import keys
from svqvae.results import case, parts
from svqvae.results.row import DATASET, MODEL, Call, File

_FINDINGS, _MECHANISMS = "svqvae.report.findings", "svqvae.report.mechanisms"
_ACCOUNTS = "svqvae.report.accounts"

_PAIR = ("class_a", "class_b")
#: What tables of signatures say of each, where it is known.
_SIGNATURE = (
    *(keys.SIG_ID, keys.PERT_ID, keys.PERT_NAME),
    *(keys.CELL_ID, keys.DOSE_TEXT, keys.TIME_TEXT),
)

ROWS = [
    File(
        name="signatures",
        folder=DATASET,
        suffix=".h5ad",
        is_large=True,
        heading=parts.SOURCE,
        title="Signatures",
    ),
    File(name="benchmark", folder=DATASET, text=("model", keys.FOLD)),
    File(
        name="benchmark_summary",
        folder=DATASET,
        heading=parts.HELD_OUT,
        title="Scores of each model",
        caption="Each model by each metric over all held-out signatures, with its 95 % "
        "bootstrap interval over compounds, and its paired difference to {reference}.",
        text=("model",),
    ),
    File(
        name="benchmark_comparisons",
        folder=DATASET,
        heading=parts.COMPARED,
        title="All metrics",
        caption="{subject} minus each other model by each metric, on the same held-out "
        "compounds: 95 % intervals of a paired bootstrap over compounds.",
        text=("subject", "rival"),
        says=Call(f"{_FINDINGS}:comparison_sentences"),
    ),
    File(
        name="benchmark_by_compound",
        folder=DATASET,
        heading=parts.HELD_OUT,
        title="Scores by compound",
        caption="Each model by each metric over held-out compounds, each predicted by the evidence "
        "of all its signatures, with its 95 % bootstrap interval over compounds, its paired "
        "difference to {reference}, and the value by signature. Empty where compounds have one.",
        text=("model",),
        says=Call(f"{_FINDINGS}:by_compound_sentence", ("subject",)),
    ),
    File(
        name="risk_coverage",
        folder=DATASET,
        heading=parts.SURE,
        title="Accuracy on what models are surest of",
        caption="Each model answers for the signatures (or compounds) that it is surest of, and "
        "is silent on the rest: accuracy by the share that is answered, with a 95 % bootstrap "
        "interval over compounds, and the paired difference to {subject}.",
        text=("unit", "model", "subject"),
        says=Call(f"{_FINDINGS}:selective_sentence", ("subject",)),
    ),
    File(
        name="benchmark_strength",
        folder=DATASET,
        heading=parts.HELD_OUT,
        title="Scores by strength of the signature",
        caption="Each model within thirds of the held-out signatures by strength: the activity "
        "score (TAS) where the data have it, else the length of the signature. 95 % bootstrap "
        "intervals over compounds.",
        text=("third", "model"),
    ),
    File(
        name="reliability",
        folder=DATASET,
        heading=parts.CALIBRATED,
        title="Confidence and accuracy, by bin",
        caption="Ten bins of the confidence in the first class: how often it is right, with a "
        "95 % interval over compounds.",
        text=("model",),
    ),
    File(
        name="calibration",
        folder=DATASET,
        heading=parts.CALIBRATED,
        title="Calibration errors",
        caption="Expected calibration error of each model: the mean distance between "
        "confidence and accuracy over ten bins, with its 95 % interval over "
        "compounds.",
        text=("model",),
        says=Call(f"{_FINDINGS}:calibration_sentence", ("subject",)),
    ),
    File(
        name="recovery",
        folder=DATASET,
        when=case.planted,
        heading=parts.PLANTED,
        title="What was found",
        caption="How much of the planted truth each model found, and the range over the "
        "models that each left a fold out.",
        text=("model",),
        says=Call(f"{_FINDINGS}:recovery_sentence"),
    ),
    File(
        name="known_relations",
        folder=DATASET,
        when=case.related,
        heading=parts.KNOWN,
        title="Discrimination of known relations",
        caption="Pairs of classes known to be related (that share targets, are listed, or were "
        "planted) against all others, by what each model finds; 95 % bootstrap intervals over "
        "classes. pcl_connectivity is the median rank correlation between members, without any "
        "model.",
        text=("model",),
        says=Call(f"{_MECHANISMS}:known_relations_sentence", ("subject",)),
    ),
    File(
        name="known_pairs",
        folder=DATASET,
        when=case.related,
        heading=parts.KNOWN,
        title="Known pairs found and missed by {subject}, and pairs beyond chance that are not "
        "known",
        caption="Pairs of classes that are known to be related, or beyond chance by {subject} "
        "(q up to 0.05): found, missed or new.",
        text=(*_PAIR, "shared_targets"),
        says=Call(f"{_MECHANISMS}:known_pairs_sentence"),
    ),
    File(
        name="drug_targets_summary",
        folder=DATASET,
        when=case.targeted,
        heading=parts.TARGETS,
        title="By space",
        caption="How far up known targets stand among all knock-downs, by the model's codes "
        "and by the signatures themselves.",
        says=Call(f"{_MECHANISMS}:targets_sentence"),
    ),
    File(
        name="drug_targets",
        folder=DATASET,
        when=case.targeted,
        heading=parts.TARGETS,
        title="By drug",
        caption="The best-ranked known target of each drug, in both spaces.",
        text=(keys.PERT_ID, "best_target"),
    ),
    File(
        name="novelty",
        folder=DATASET,
        when=case.novel,
        heading=parts.UNKNOWN,
        title="AUROC of novelty",
        caption="How well the novelty of {subject} tells classes left out of training from "
        "known ones; 0.5 is chance.",
        text=(keys.CLASS,),
        says=Call(f"{_FINDINGS}:novelty_sentence", ("subject",)),
    ),
    File(
        name="filters",
        folder=DATASET,
        heading=parts.SOURCE,
        title="Signatures left after each filter",
        caption="Signatures, compounds and classes that each filter left and dropped, in "
        "their order.",
        text=("step",),
    ),
    File(
        name="labels",
        folder=DATASET,
        heading=parts.SOURCE,
        title="What became of each perturbagen",
        caption="Whether each perturbagen found a label, by which key, and what else was found.",
        text=(keys.PERT_ID, keys.PERT_NAME, keys.CLASS, keys.CANDIDATES),
        says=Call(f"{_ACCOUNTS}:labels_sentence"),
    ),
    File(
        name="duplicates",
        folder=DATASET,
        heading=parts.SOURCE,
        title="Compounds under several pert_ids",
        caption="Ids that are one compound: they are held out together and count as one.",
        text=(keys.COMPOUND, keys.PERT_ID, keys.PERT_NAME, keys.INCHI_KEY, keys.CLASS),
        says=Call(f"{_ACCOUNTS}:duplicates_sentence"),
    ),
    File(name="model", folder=MODEL, stem="model/model", suffix=".json"),
    File(name="history", folder=MODEL, stem="model/history"),
    File(
        name="predictions",
        folder=MODEL,
        title="Held-out predictions",
        text=(*_SIGNATURE, "true_class", "predicted_class", keys.FOLD),
    ),
    File(
        name="held_out_scores",
        folder=MODEL,
        title="Held-out scores",
        text=(*_SIGNATURE, keys.CLASS, keys.FOLD),
    ),
    File(
        name="compound_predictions",
        folder=MODEL,
        title="Held-out predictions of compounds",
        text=(keys.PERT_ID, "true_class", "predicted_class", keys.FOLD),
    ),
    File(
        name="nearest_compounds",
        folder=MODEL,
        when=case.trained,
        title="Nearest training compounds of held-out signatures",
        text=(
            *(*_SIGNATURE, "true_class", keys.FOLD),
            *(f"nearest_{name}" for name in (*_SIGNATURE[1:], keys.CLASS)),
        ),
        says=Call(f"{_FINDINGS}:neighbours_sentence"),
    ),
    # Codes and profiles of the classes by each model of the folds: what is kept of those models.
    File(name="fold_classes", folder=MODEL, when=case.described, suffix=".h5ad"),
    File(name="realism", folder=MODEL, when=case.simulating, text=(keys.CLASS,)),
    File(
        name="classes",
        folder=MODEL,
        when=case.described,
        suffix=".h5ad",
        title="Codes and profiles of the classes",
    ),
    File(
        name="mechanism_network",
        folder=MODEL,
        when=case.described,
        title="Pairs of mechanisms beyond chance",
        caption="Pairs of classes whose held-out members are more alike than chance explains "
        "(q up to 0.05).",
        text=_PAIR,
    ),
    File(
        name="mechanism_correlations",
        folder=MODEL,
        when=case.described,
        title="All relations of mechanisms",
        caption="Every pair of classes: the correlation of their codes, raw, corrected for "
        "noise, and with the shared response held constant; the q of the permutation "
        "test; how often it is found again.",
        text=_PAIR,
        says=Call(f"{_MECHANISMS}:relations_sentence"),
    ),
    File(
        name="relation_test",
        folder=MODEL,
        when=case.described,
        title="What the test of relations can answer",
        caption="Classes and pairs that were tested, pairs beyond chance, and the classes of which "
        "a related pair is likely to be found. A warning where a missing edge says little.",
        text=("warning",),
    ),
    File(
        name="class_hubs",
        folder=MODEL,
        when=case.described,
        title="Hubs",
        caption="Classes that more others call their nearest than chance explains are hubs: "
        "their raw correlations say little.",
        text=(keys.CLASS,),
        says=Call(f"{_MECHANISMS}:hubs_sentence"),
    ),
    File(
        name="class_clusters",
        folder=MODEL,
        when=case.described,
        title="Clusters of classes",
        caption="The cluster of each class by Ward's tree and by Leiden's communities, and "
        "how stable it is when a fold is left out.",
        text=(keys.CLASS,),
    ),
    File(
        name="cluster_stability",
        folder=MODEL,
        when=case.described,
        title="Numbers of clusters, and how stable",
        caption="Every number of clusters that was tried, and how well the models that left a "
        "fold out agree on it.",
        says=Call(f"{_MECHANISMS}:clusters_sentence"),
    ),
    File(
        name="class_markers",
        folder=MODEL,
        when=case.described,
        title="Ranked genes of each class",
        caption="Genes by which a class stands out from the others. Those of q up to 0.05 are "
        "markers; the others are ranked, no more.",
        text=(keys.CLASS, "gene", "gene_id"),
    ),
    File(
        name="class_enrichment",
        folder=MODEL,
        when=case.enriched,
        title="Gene sets of each class",
        caption="Gene sets among the markers of each class, and along its whole contrast.",
        text=(keys.CLASS, "gene_set", "genes"),
    ),
    # For Cytoscape and Gephi.
    File(
        name="mechanism_graph",
        folder=MODEL,
        when=case.described,
        stem="mechanism_network",
        suffix=".graphml",
    ),
    File(
        name="nearest_graph",
        folder=MODEL,
        when=case.described,
        stem="nearest_network",
        suffix=".graphml",
    ),
]
