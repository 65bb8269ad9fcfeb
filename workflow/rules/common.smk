# What the rules share: the checked configuration, and where each file lies.
import shlex
import functools
import logging
import sys
import tempfile
from pathlib import Path

# The package lies beside the workflow; an installed copy of another version must not win.
# As a module of another workflow, workflow.basedir would be the other's.
RULES = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
REPOSITORY = RULES.parents[1]
sys.path.insert(0, str(REPOSITORY))

if set("{}") & set(str(REPOSITORY)):
    raise WorkflowError(
        f"the path of this folder, '{REPOSITORY}', has the characters {{ or }}, which Snakemake "
        "takes for a wildcard: rename the folder"
    )

import svqvae.results
import svqvae.run.cases
import svqvae.run.config
import svqvae.run.config_figures
import svqvae.run.config_file
import svqvae.run.downloads
import svqvae.run.training_plan
import svqvae.models.presets
import svqvae.io.code
import svqvae.io.formats
from svqvae.errors import SvqvaeError
from svqvae.io import kept
from svqvae.models.store import CARD
from svqvae.pp import simulation, source
from svqvae.signatures import asked

# Snakemake puts the path of Python into a shell command as it is. Where this file was read before
# in the same process, as by two modules, it is quoted already and no file is called so.
if Path(sys.executable).is_file():
    sys.executable = shlex.quote(sys.executable)

svqvae.run.config.restore_on(config)
try:
    CONFIGURED = svqvae.run.config_file.check_files(workflow.configfiles, config)
    svqvae.run.config.check(
        config,
        svqvae.run.config.read_schema(
            REPOSITORY / "workflow" / "schemas" / "config.schema.yaml"
        ),
    )
except SvqvaeError as error:
    raise WorkflowError(str(error)) from None

RESULTS = config.get("results", "results").rstrip("/")
DEFAULTS = [svqvae.run.config_file.DEFAULT, REPOSITORY / svqvae.run.config_file.DEFAULT]
REPORT = f"{RESULTS}/{svqvae.run.config_file.report_name(CONFIGURED, DEFAULTS)}"
LOGS = f"{RESULTS}/logs"
DATASETS, MODELS = config["datasets"], config["models"]
SEEDS = config.get("seeds", [0])
ANALYSIS = config.get("analysis", {})
TARGETS = ANALYSIS.get("drug_targets", {})
#: Colours, kinds of file and classes of figures.
LOOK = svqvae.run.config_figures.figures_of(config)
PLAN = svqvae.run.training_plan.TrainingPlan(config)
STUDIED = svqvae.run.cases.studied(config)
REFERENCE = svqvae.run.config.reference_model(config)
SUBJECT = svqvae.run.config.subject_model(config)
#: Whether each training is a job, not all trainings of a method.
SPREAD_FOLDS = config.get("spread_folds", False)
#: Models whose classes are described; of the others only the predictions count.
DESCRIBED = [
    m for m, s in MODELS.items() if svqvae.models.presets.has_codes(s["preset"])
]
#: Whether each model is a model or a baseline.
ROLES = {m: svqvae.models.presets.role_of(s["preset"]) for m, s in MODELS.items()}

#: Files to fetch, which are those that are not there. Left to Snakemake, a script that is newer
#: than a file would be reason enough to delete the file and fetch it again.
DOWNLOADS = {
    path: settings
    for path, settings in svqvae.run.downloads.plan(config).items()
    if not Path(path).exists()
}

DATASET_DIR = f"{RESULTS}/{{dataset}}"
MODEL_DIR = f"{DATASET_DIR}/{{model}}"
#: What a run begins with where it is simulated: no results, though they lie beside them.
SIMULATED_DIR = f"{DATASET_DIR}/simulated"
#: And where it begins with plates of replicates, or counts: signatures that are made of them.
EXPERIMENT_DIR = f"{DATASET_DIR}/experiment"
FINAL_DIR = f"{MODEL_DIR}/model"
FOLDS_DIR = f"{MODEL_DIR}/folds"
FOLD_DIR = f"{FOLDS_DIR}/{{fold}}-seed{{seed}}"


def any_of(names):
    """Pattern of a wildcard that is one of some names."""
    return "|".join(map(re.escape, names))


wildcard_constraints:
    dataset=any_of(DATASETS),
    model=any_of(MODELS),
    fold=r"\d+|test",
    seed=r"\d+",


@functools.cache
def code_of_script(name, *modules):
    """What a job reruns for when it changes: the code of its script and all that it imports.

    Rules ask for it by a function, so that a job's own process reads the code of no other.
    """
    code = svqvae.io.code.code_of_script(
        RULES.parent / "scripts" / f"{name}.py", *modules
    )
    # How every table is written: read by the script that all scripts begin with.
    return f"{code} inert" if ANALYSIS.get("spreadsheet_safe", False) else code


def by_attempt(amount):
    """A resource that doubles each time a job is tried again: it may have had too little."""
    return lambda wildcards, attempt: amount * 2 ** (attempt - 1)


def gpus(device):
    """How many a cluster is asked for: one where the configuration insists on it."""
    return 1 if device == "cuda" else 0


def module_of(model):
    return svqvae.models.presets.module_of(MODELS[model]["preset"])


@functools.cache
def case_of(dataset):
    return svqvae.run.cases.case_of(config, dataset)


def file_of(name):
    """Path of a table or other file of the results, with wildcards."""
    return f"{RESULTS}/{svqvae.results.FILES[name].template}"


def split_of(dataset):
    """How signatures are held out; of knock-downs that are only compared with, none are."""
    split = DATASETS[dataset].get("split", {})
    return split if dataset in STUDIED else {**split, "folds": 1}


def located(path):
    """Where a configured file lies: on disk, fetched there, or in a storage of Snakemake's."""
    stored = svqvae.run.downloads.storage_of(path)
    if stored is None:
        return svqvae.run.downloads.local_path(path)
    plugin, query = stored
    return getattr(storage, plugin)(query)


def source_files(wildcards):
    """Input files of a data set by the name of their configuration key."""
    if case_of(wildcards.dataset).is_simulated:
        folder = SIMULATED_DIR.format(dataset=wildcards.dataset)
        return {
            "signatures": f"{folder}/{simulation.SIGNATURES}",
            "sig_info": f"{folder}/{simulation.SIG_INFO}",
            "gene_info": f"{folder}/{simulation.GENE_INFO}",
            "table": f"{folder}/{simulation.PERT_INFO}",
        }
    dataset = DATASETS[wildcards.dataset]
    files = source.paths_of(dataset["source"])
    made = {}
    if is_made(wildcards):
        folder = EXPERIMENT_DIR.format(dataset=wildcards.dataset)
        made["signatures"] = f"{folder}/signatures.h5ad"
        files = {k: v for k, v in files.items() if k not in OF_EXPERIMENTS}
    if "table" in dataset["labels"]:
        files["table"] = dataset["labels"]["table"]
    genes = dataset.get("filters", {}).get("genes", "all")
    if genes not in ("landmark", "bing", "all"):
        files["genes"] = genes
    return {name: located(path) for name, path in files.items()} | made


def is_made(wildcards):
    """Whether signatures are made of plates of replicates, or of counts."""
    return bool(asked.asked_for(DATASETS[wildcards.dataset]["source"]))


#: Files of a source that signatures are made of; the others describe what is made.
OF_EXPERIMENTS = ("signatures", "sig_info", "gene_info")


def experiment_files(wildcards):
    """Input files that signatures are made of."""
    files = source.paths_of(DATASETS[wildcards.dataset]["source"])
    return {k: located(v) for k, v in files.items() if k in OF_EXPERIMENTS}


def scored_files(job):
    """What scoring writes of models, by the names of the script."""
    files = {
        "predictions": "predictions",
        "scores": "held_out_scores",
        "compounds": "compound_predictions",
    }
    if job.is_described:
        files["classes"] = "fold_classes"
    if job.names_compounds:
        files["nearest"] = "nearest_compounds"
    return {name: file_of(file) for name, file in files.items()}


def code_of_training(model, script="train"):
    return code_of_script(script, module_of(model))


def training_of(wildcards, model=None):
    """What models of folds come from: they are not there to be compared with it."""
    model = model or wildcards.model
    return [PLAN.settings(wildcards.dataset, model), code_of_training(model)]


def fold_models(wildcards, model=None, seeds=SEEDS):
    """Cards of the models of every fold and seed; of the wildcard's model, if none is named."""
    return PLAN.fold_cards(wildcards.dataset, model or wildcards.model, seeds)


def weights_of(cards):
    """What belongs to each card: a model is not there, or not the same, without it."""
    return [file for card in cards for file in PLAN.beside(card)]


def files_of_folds(cards):
    """Files of the models of some cards; what one job makes for all folds is a folder."""
    if SPREAD_FOLDS:
        return [*cards, *weights_of(cards)]
    folders = {card: Path(card).parents[1] for card in cards}
    # That of a predefined test set is the model of all other data.
    alone = [card for card, folder in folders.items() if folder.name != "folds"]
    shared = {str(folder) for folder in folders.values() if folder.name == "folds"}
    return [*sorted(shared), *alone, *weights_of(alone)]


def truth_file(wildcards):
    return f"{SIMULATED_DIR}/{simulation.TRUTH}".format(dataset=wildcards.dataset)


def planted_truth(wildcards):
    """The planted classes, where no list says which of them are related."""
    listed = "relations" in ANALYSIS
    return (
        truth_file(wildcards)
        if case_of(wildcards.dataset).is_simulated and not listed
        else []
    )


def drawn_from(figures):
    """Input function of the job that draws some figures: files by the name of their row."""
    names = list(dict.fromkeys(name for figure in figures for name in figure.needs))

    def inputs(wildcards):
        files = {name: drawn_file(name, wildcards) for name in names}
        return files | (
            {"weights": weights_of([files["model"]])} if "model" in files else {}
        )

    return inputs


def drawn_file(name, wildcards):
    """File of the figure's data set or model; of a model's that is drawn for all, a list."""
    row = svqvae.results.FILES[name]
    if row.folder == svqvae.results.DATASET or "model" in wildcards.keys():
        return file_of(name).format(**wildcards)
    return svqvae.run.cases.paths_of(config, wildcards.dataset, row)


#: Captions of figures, as Snakemake reads them: files, which last as long as this process.
CAPTIONS = tempfile.TemporaryDirectory(prefix="svqvae-captions-")


def named(text):
    """Text of a row of the results, with the models in question named."""
    return text.format(subject=SUBJECT, reference=REFERENCE)


def reported(row, title):
    """Path of a figure or table, shown in Snakemake's report under its title and caption."""
    kind = "table" if row.template.endswith(".tsv") else "figure"
    caption = Path(CAPTIONS.name) / f"{kind}-{row.name}.rst"
    caption.write_text(named(row.caption), encoding="utf-8")
    of_model = row.folder == svqvae.results.MODEL
    return report(
        f"{RESULTS}/{row.template}",
        caption=str(caption),
        category="{dataset}",
        subcategory="{model}" if of_model else "all models",
        # One key for all: Snakemake makes switches of others.
        labels={"result": title},
    )


def table_of(name):
    """Path of a table that a rule makes; with a caption it is in Snakemake's report."""
    row = svqvae.results.FILES[name]
    if not row.caption:
        return file_of(name)
    title = named(": ".join(filter(None, (row.heading, row.title))))
    return reported(row, f"{title} (table)")
