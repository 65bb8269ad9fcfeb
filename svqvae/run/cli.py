"""The command line: new, query, signatures, predict, embed, simulate, convert."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from svqvae import __version__
from svqvae.errors import SvqvaeError
from svqvae.io.surroundings import sentence

if TYPE_CHECKING:
    from anndata import AnnData

app = typer.Typer(
    help="Global representations of drug mechanisms from expression signatures (S-VQ-VAE).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ModelDir = Annotated[Path, typer.Argument(help="Folder of a saved model (results/.../model).")]
Signatures = Annotated[Path, typer.Argument(help="GCTX, GCT, h5ad, a table or IDX.")]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """End on a user's error with its message and exit code 1, without a traceback."""
    try:
        yield
    except SvqvaeError as error:
        typer.echo(f"svqvae: {error}", err=True)
        sys.exit(1)
    except (MemoryError, OSError, RuntimeError, ImportError) as error:
        if (told := sentence(error)) is None:
            raise
        typer.echo(f"svqvae: {told}", err=True)
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Global representations of drug mechanisms from expression signatures (S-VQ-VAE)."""


@app.command()
def new(
    signatures: Signatures,
    config: Annotated[Path, typer.Option(help="Configuration to write (.yaml).")],
    label: Annotated[
        str | None, typer.Option(help="Column of the classes, where it is not found.")
    ] = None,
) -> None:
    """Write a configuration for your own signatures: what their file says, a dozen lines."""
    with _plain_errors():
        from svqvae.io.output import require_writable
        from svqvae.run.new import look_into
        from svqvae.run.new_config import write_config

        require_writable(config, suffixes=(".yaml", ".yml"), inputs=[signatures])
        found = look_into(str(signatures), label=label)
        write_config(found, config)
        for note in found.notes:
            typer.echo(f"  - {note}", err=True)
        typer.echo(f"-> {config}; look at it, then: make run CONFIG={config}", err=True)


@app.command()
def query(
    model_dir: ModelDir,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="INPUT",
            help="Signatures, a table of differential expression or a GMT; - is standard input.",
        ),
    ] = None,
    up: Annotated[Path | None, typer.Option(help="Instead: genes that go up, one a line.")] = None,
    down: Annotated[Path | None, typer.Option(help="Genes that go down, one a line.")] = None,
    out: Annotated[
        str | None,
        typer.Option(help="File (.tsv, .csv, .json, .html), or - for a TSV; else to be read here."),
    ] = None,
    compounds: Annotated[
        Path | None, typer.Option(help="Table of the nearest compounds to write (.tsv, .csv).")
    ] = None,
    gene: Annotated[str | None, typer.Option(help="Column of a table that names genes.")] = None,
    value: Annotated[str | None, typer.Option(help="Column of a table with values.")] = None,
    genes: Annotated[
        Path | None, typer.Option(help="Table of the model's gene ids and other names.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Column of signatures (pert_id): one answer for all of each value."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Classes, and compounds, per query.")] = 10,
) -> None:
    """Rank classes and compounds for your own experiment, its genes by any names."""
    with _plain_errors():
        from svqvae.query.ask import ask
        from svqvae.query.solved import load_to_ask
        from svqvae.run import query_files

        query_files.require_places(out, compounds, [p for p in (source, up, down, genes) if p])
        model = load_to_ask(model_dir)
        with query_files.local(source) as path:
            answer = ask(
                model,
                path,
                up=up,
                down=down,
                gene=gene,
                value=value,
                genes=genes,
                by=by,
                top=top,
                compounds=top,
            )
        query_files.write(answer, out, compounds, folder=model_dir)


@app.command()
def signatures(
    source: Annotated[Path, typer.Argument(metavar="IN", help="GCTX, GCT, h5ad or a table.")],
    out: Annotated[Path, typer.Option(help="File to write (.h5ad, .gctx, .gct, .tsv).")],
    control: Annotated[
        str | None,
        typer.Option(help="Controls: COLUMN=VALUE, as pert_id=DMSO; of plates, their vehicle."),
    ] = None,
    replicates: Annotated[
        str | None, typer.Option(help="Plates: columns that replicates share, between commas.")
    ] = None,
    level: Annotated[str, typer.Option(help="Plates: 3, 4 or auto.")] = "",
    perturbation: Annotated[
        str | None, typer.Option(help="Counts: column of perturbations, or several (drug,dose).")
    ] = None,
    cell_type: Annotated[str | None, typer.Option(help="Counts: column of cell types.")] = None,
    sample: Annotated[
        str | None,
        typer.Option(help="Counts: column of replicate samples (donor, well)."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Counts: X, raw or a layer.")] = None,
    entrez: Annotated[
        bool, typer.Option("--entrez", help="Counts: genes by Entrez id, whatever their names.")
    ] = False,
    sig_info: Annotated[Path | None, typer.Option(help="Table of rows, by sig_id.")] = None,
    gene_info: Annotated[Path | None, typer.Option(help="Table of genes.")] = None,
) -> None:
    """Make signatures of plates of replicates, or of counts (cells, bulk) with a control."""
    with _plain_errors():
        from svqvae.run import signature_files

        asked: dict[str, object] = {"control": control, "replicates": replicates, "level": level}
        asked |= {"perturbation": perturbation, "cell_type": cell_type, "sample": sample}
        asked |= {"layer": layer, "entrez": entrez}
        given = {key: value for key, value in asked.items() if value}
        signature_files.make(source, out, given, sig_info=sig_info, gene_info=gene_info)


@app.command()
def predict(
    model_dir: ModelDir,
    signatures: Signatures,
    out: Annotated[Path, typer.Option(help="Table to write (.tsv, or .csv with commas).")],
    top: Annotated[int, typer.Option(min=1, help="Classes per signature.")] = 5,
    by: Annotated[
        str | None,
        typer.Option(help="Column (pert_id): one prediction for all signatures of each value."),
    ] = None,
    spreadsheet_safe: Annotated[
        bool,
        typer.Option(
            "--spreadsheet-safe",
            help="Put an apostrophe before names that a spreadsheet would take for formulas.",
        ),
    ] = False,
) -> None:
    """Write the nearest classes of new signatures, their genes in any order."""
    with _plain_errors():
        from svqvae.io.output import require_writable
        from svqvae.run.predicted import write_predictions

        require_writable(out, suffixes=(".tsv", ".csv"), inputs=[signatures])
        said = write_predictions(model_dir, signatures, out, top=top, by=by, inert=spreadsheet_safe)
        for line in said:
            typer.echo(line, err=True)


@app.command()
def embed(
    model_dir: ModelDir,
    signatures: Signatures,
    out: Annotated[Path, typer.Option(help="AnnData to write (.h5ad).")],
) -> None:
    """Write signatures with their representation in obsm["X_svqvae"]."""
    with _plain_errors():
        from svqvae import keys
        from svqvae.io.convert import write
        from svqvae.io.output import require_writable
        from svqvae.models.registry import load_model
        from svqvae.query.ask import read_for

        require_writable(out, suffixes=(".h5ad",), inputs=[signatures])
        model = load_model(model_dir)
        adata = _some(read_for(model, signatures), signatures)
        adata.obsm[keys.X_LATENT] = model.get_latent_representation(adata)
        write(adata, out)
        typer.echo(f"{adata.n_obs} signatures -> {out}", err=True)


@app.command()
def simulate(
    model_dir: ModelDir,
    cls: Annotated[str, typer.Option("--class", help="Name of the class.")],
    out: Annotated[Path, typer.Option(help="AnnData to write (.h5ad).")],
    n: Annotated[int, typer.Option("-n", min=1, help="How many signatures.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    strength: Annotated[
        float | None, typer.Option(help="Length, in mean lengths of the training signatures.")
    ] = None,
    cell: Annotated[str | None, typer.Option(help="Cell line, as in the training data.")] = None,
) -> None:
    """Write new signatures of a class."""
    with _plain_errors():
        from svqvae.io.convert import write
        from svqvae.io.output import require_writable
        from svqvae.models.registry import load_model

        require_writable(out, suffixes=(".h5ad",))
        adata = load_model(model_dir).simulate(cls, n, seed=seed, strength=strength, cell=cell)
        write(adata, out)
        typer.echo(f"{adata.n_obs} signatures of '{cls}' -> {out}", err=True)


@app.command()
def convert(
    source: Signatures,
    target: Annotated[Path, typer.Argument(help="GCTX, GCT, h5ad or a table, by its name.")],
    rows: Annotated[
        str | None,
        typer.Option(help="Signatures to keep, a query: \"cell_id == 'MCF7' and tas > 0.2\"."),
    ] = None,
    genes: Annotated[
        str | None, typer.Option(help='Genes to keep, a query: "pr_is_lm == 1".')
    ] = None,
) -> None:
    """Convert signatures and their metadata, or a part, from one kind of file to another."""
    with _plain_errors():
        from svqvae.io.convert import convert as convert_file

        n_signatures, n_genes = convert_file(source, target, rows=rows, genes=genes)
        typer.echo(f"{n_signatures} signatures x {n_genes} genes -> {target}", err=True)


def _some(adata: AnnData, path: Path) -> AnnData:
    if not adata.n_obs:
        raise SvqvaeError(f"{path}: holds no signatures")
    return adata


if __name__ == "__main__":
    app()
