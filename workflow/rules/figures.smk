# Figures, each as svg and png beside the tsv it draws.
MODEL_FIGURES = f"{MODEL_DIR}/figures"
DATASET_FIGURES = f"{DATASET_DIR}/figures"


rule draw_model:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        model=f"{FINAL_DIR}/model.json",
        weights=weights_of([f"{FINAL_DIR}/model.json"]),
        classes=f"{MODEL_DIR}/classes.h5ad",
        relations=f"{MODEL_DIR}/mechanism_correlations.tsv",
        clusters=f"{MODEL_DIR}/class_clusters.tsv",
        edges=f"{MODEL_DIR}/mechanism_network.tsv",
        markers=f"{MODEL_DIR}/class_markers.tsv",
        predictions=f"{MODEL_DIR}/predictions.tsv",
    output:
        correlations=report(
            f"{MODEL_FIGURES}/mechanism_correlations.svg",
            caption="../report/mechanism_correlations.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "correlations of mechanisms"},
        ),
        network=report(
            f"{MODEL_FIGURES}/mechanism_network.svg",
            caption="../report/mechanism_network.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "network of related mechanisms"},
        ),
        nearest=report(
            f"{MODEL_FIGURES}/nearest_network.svg",
            caption="../report/nearest_network.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "network of nearest mechanisms"},
        ),
        profiles=report(
            f"{MODEL_FIGURES}/class_profiles.svg",
            caption="../report/class_profiles.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "decoded class profiles"},
        ),
        latent=report(
            f"{MODEL_FIGURES}/latent_map.svg",
            caption="../report/latent_map.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "map of signatures and codes"},
        ),
        confusion=report(
            f"{MODEL_FIGURES}/confusion.svg",
            caption="../report/confusion.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "confusion on held-out perturbagens"},
        ),
        beside=expand(
            f"{MODEL_FIGURES}/{{figure}}.{{kind}}",
            figure=[
                "mechanism_correlations",
                "mechanism_network",
                "nearest_network",
                "class_profiles",
                "latent_map",
                "confusion",
            ],
            kind=["png", "tsv"],
            allow_missing=True,
        ),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/draw_model.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code_of_script("draw_model"),
    script:
        "../scripts/draw_model.py"


rule draw_training:
    input:
        f"{FINAL_DIR}/history.tsv",
    output:
        svg=report(
            f"{MODEL_FIGURES}/training.svg",
            caption="../report/training.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "training"},
        ),
        beside=expand(
            f"{MODEL_FIGURES}/training.{{kind}}",
            kind=["png", "tsv"],
            allow_missing=True,
        ),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/draw_training.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_of_script("draw_training"),
    script:
        "../scripts/draw_training.py"


rule draw_dataset:
    input:
        benchmark=f"{DATASET_DIR}/benchmark.tsv",
        summary=f"{DATASET_DIR}/benchmark_summary.tsv",
        comparison=f"{DATASET_DIR}/benchmark_comparisons.tsv",
        calibration=f"{DATASET_DIR}/calibration.tsv",
        reliability=f"{DATASET_DIR}/reliability.tsv",
        filters=f"{DATASET_DIR}/filters.tsv",
    output:
        benchmark=report(
            f"{DATASET_FIGURES}/benchmark.svg",
            caption="../report/benchmark.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "benchmark"},
        ),
        comparison=report(
            f"{DATASET_FIGURES}/comparison.svg",
            caption="../report/comparison.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "paired comparison"},
        ),
        reliability=report(
            f"{DATASET_FIGURES}/reliability.svg",
            caption="../report/reliability.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "reliability of probabilities"},
        ),
        filters=report(
            f"{DATASET_FIGURES}/filters.svg",
            caption="../report/filters.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "filters"},
        ),
        beside=expand(
            f"{DATASET_FIGURES}/{{figure}}.{{kind}}",
            figure=["benchmark", "comparison", "reliability", "filters"],
            kind=["png", "tsv"],
            allow_missing=True,
        ),
    log:
        f"{LOGS}/{{dataset}}/draw_dataset.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code_of_script("draw_dataset"),
    script:
        "../scripts/draw_dataset.py"


rule draw_targets:
    input:
        f"{DATASET_DIR}/drug_targets.tsv",
    output:
        svg=report(
            f"{DATASET_FIGURES}/drug_targets.svg",
            caption="../report/drug_targets.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "drug targets among knock-downs"},
        ),
        beside=expand(
            f"{DATASET_FIGURES}/drug_targets.{{kind}}",
            kind=["png", "tsv"],
            allow_missing=True,
        ),
    log:
        f"{LOGS}/{{dataset}}/draw_targets.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code_of_script("draw_targets"),
    script:
        "../scripts/draw_targets.py"


rule draw_recovery:
    input:
        f"{DATASET_DIR}/recovery.tsv",
    output:
        svg=report(
            f"{DATASET_FIGURES}/recovery.svg",
            caption="../report/recovery.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "planted truth found"},
        ),
        beside=expand(
            f"{DATASET_FIGURES}/recovery.{{kind}}",
            kind=["png", "tsv"],
            allow_missing=True,
        ),
    log:
        f"{LOGS}/{{dataset}}/draw_recovery.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code_of_script("draw_recovery"),
    script:
        "../scripts/draw_recovery.py"
