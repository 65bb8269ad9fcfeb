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
import svqvae.run.config_file
import svqvae.run.downloads
import svqvae.run.owner
import svqvae.run.progress
import svqvae.run.work
import svqvae.models.presets
import svqvae.io.code
import svqvae.io.formats
from svqvae.errors import SvqvaeError
from svqvae.io import kept
from svqvae.pp import simulation, source

# Snakemake puts the path of Python into a shell command as it is. Where this file was read before
# in the same process, as by two modules, it is quoted already and no file is called so.
if Path(sys.executable).is_file():
    sys.executable = shlex.quote(sys.executable)
#: For the jobs: a job whose run was killed must not write.
svqvae.run.owner.Run.current().declare()

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
STUDIED = svqvae.run.cases.studied(config)
REFERENCE = svqvae.run.config.reference_model(config)
SUBJECT = svqvae.run.config.subject_model(config)
#: Whether each model is trained by a job of its own, not all models of a method by one.
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
FINAL_DIR = f"{MODEL_DIR}/model"
FOLD_DIR = f"{MODEL_DIR}/folds/{{fold}}-seed{{seed}}"
MODEL_FILES = ["model.json", "model.safetensors", "history.tsv"]


wildcard_constraints:
    dataset="|".join(map(re.escape, DATASETS)),
    model="|".join(map(re.escape, MODELS)),
    fold=r"\d+|test",
    seed=r"\d+",


@functools.cache
def code_of_script(name, *modules):
    """What a job reruns for when it changes: the code of its script and all that it imports."""
    return svqvae.io.code.code_of_script(
        RULES.parent / "scripts" / f"{name}.py", *modules
    )


def module_of(model):
    return svqvae.models.presets.module_of(MODELS[model]["preset"])


def settings_of(dataset, model):
    """All settings that a model is trained with, those of its preset too."""
    preset, own = MODELS[model]["preset"], dict(MODELS[model])
    own.pop("preset")
    if case_of(dataset).is_image:
        preset = svqvae.models.presets.for_images(preset)
    return svqvae.models.presets.resolve(preset, own)


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


def folds(dataset):
    """Fold names; a predefined test set is one, called test."""
    split = DATASETS[dataset].get("split", {})
    has_test_set = case_of(dataset).is_image or "column" in split
    return ["test"] if has_test_set else range(split.get("folds", 5))


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
    if "table" in dataset["labels"]:
        files["table"] = dataset["labels"]["table"]
    genes = dataset.get("filters", {}).get("genes", "all")
    if genes not in ("landmark", "bing", "all"):
        files["genes"] = genes
    return {name: located(path) for name, path in files.items()}


def model_dir(dataset, model, fold, seed):
    """Folder of the model scored on a fold; on a test set, the model of all other data."""
    if fold == "all" or (fold == "test" and seed == SEEDS[0]):
        return FINAL_DIR.format(dataset=dataset, model=model)
    return FOLD_DIR.format(dataset=dataset, model=model, fold=fold, seed=seed)


def all_trainings(dataset):
    """Fold and seed of every training of a method: of those left out, then of all data."""
    return [*left_out(dataset), ("all", SEEDS[0])]


def left_out(dataset):
    """Fold and seed of the trainings without a fold, or on a test set by further seeds."""
    runs = [(str(fold), seed) for fold in folds(dataset) for seed in SEEDS]
    return [run for run in runs if run != ("test", SEEDS[0])]


def any_of(names):
    """Pattern of a wildcard that is one of some names."""
    return "|".join(map(re.escape, names))


def scored_alike():
    """Models with the same files of scores, by what they are."""
    classifiers = [m for m in MODELS if m not in DESCRIBED]
    groups = {"described": DESCRIBED, "classifiers": classifiers}
    return {name: models for name, models in groups.items() if models}


def scored_files(models):
    """What scoring writes of models, by the names of the script."""
    files = {"predictions": "predictions", "scores": "held_out_scores"}
    if set(models) <= set(DESCRIBED):
        files["classes"] = "fold_classes"
    return {name: file_of(file) for name, file in files.items()}


def training_jobs():
    """Data sets, models, templates of temporary models and priority of each kind of training job."""
    alike, jobs = {}, {}
    for dataset in STUDIED:
        alike.setdefault(tuple(left_out(dataset)), []).append(dataset)
    for number, (runs, datasets) in enumerate(alike.items(), 1):
        folders = [f"{MODEL_DIR}/folds/{fold}-seed{seed}" for fold, seed in runs]
        for name, models in scored_alike().items():
            networks = [m for m in models if is_network(m)]
            others = [m for m in models if m not in networks]
            for kind, those, first in (("_networks", networks, 2), ("", others, 1)):
                if those:
                    job = f"train_{name}{kind}" + (f"_{number}" if number > 1 else "")
                    jobs[job] = (datasets, those, folders, first)
    return jobs


def is_network(model):
    return svqvae.models.presets.is_trained(MODELS[model]["preset"])


def trainings(dataset, model, runs):
    """What a job trains; see svqvae.run.trainings."""
    base = base_of(dataset, model)
    return [
        {
            "fold": fold,
            "seed": seed,
            "folder": model_dir(dataset, model, fold, seed),
            "begin_with": base and model_dir(dataset, base, fold, seed),
        }
        for fold, seed in runs
    ]


@functools.cache
def base_of(dataset, model):
    """The configured model that another one's training begins with; it is trained once."""
    wanted = svqvae.models.presets.begins_with(settings_of(dataset, model))
    return next(
        (m for m in MODELS if wanted and settings_of(dataset, m) == wanted), None
    )


def begun_with(wildcards, runs):
    """Files of the models that those of a method begin with."""
    base = base_of(wildcards.dataset, wildcards.model)
    folders = [model_dir(wildcards.dataset, base, *run) for run in runs] if base else []
    return [f"{folder}/{file}" for folder in folders for file in MODEL_FILES]


def code_of_training(model, script="train"):
    return code_of_script(script, module_of(model))


def training_of(wildcards, model=None):
    """What models of folds come from: they are not there to be compared with it."""
    model = model or wildcards.model
    return [settings_of(wildcards.dataset, model), code_of_training(model)]


def fold_models(wildcards, model=None, seeds=SEEDS):
    """Cards of the models of every fold and seed; of the wildcard's model, if none is named."""
    return [
        f"{model_dir(wildcards.dataset, model or wildcards.model, fold, seed)}/model.json"
        for fold in folds(wildcards.dataset)
        for seed in seeds
    ]


def weights_of(cards):
    """What belongs to each card: a model is not there, or not the same, without it."""
    return [f"{Path(card).parent}/{file}" for card in cards for file in MODEL_FILES[1:]]


def final_model_files():
    """Card, weights and history of every model of all data."""
    return expand(
        f"{FINAL_DIR}/{{file}}", dataset=STUDIED, model=MODELS, file=MODEL_FILES
    )


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


def reported(figure):
    """Path of a figure, shown in Snakemake's report under its title and caption."""
    caption = Path(CAPTIONS.name) / f"{figure.folder.count('/')}-{figure.name}.rst"
    caption.write_text(named(figure.caption), encoding="utf-8")
    of_model = figure.folder == svqvae.results.MODEL
    return report(
        f"{RESULTS}/{figure.template}",
        caption=str(caption),
        category="{dataset}",
        subcategory="{model}" if of_model else "all models",
        labels={"figure": named(figure.title)},
    )
