# Two commands do everything on a fresh machine: `make run` and `make test`.
CONFIG ?= config/config.yaml
CORES  ?= $(shell nproc 2>/dev/null || echo 2)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# uv does not read pip's find-links by itself; pass it on where it is set.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
export PYTHONUNBUFFERED = 1
# No plotting job may look for a screen.
export MPLBACKEND = Agg

# For the shell: names may have blanks, quotes, anything.
quoted = '$(subst ','\'',$(1))'

.PHONY: run reference reproduce test bench bench-relations bench-full bench-page bench-query lint format docs pictures clean

install = $(BIN)/uv pip install --quiet --python $(BIN)/python --constraints constraints.txt
# Compiling all that is installed takes a minute, so only what is used is compiled: by using it.
WARM := import anndata, gseapy, igraph, jinja2, jsonschema, networkx, scanpy, seaborn, torch; \
  import sklearn.discriminant_analysis, sklearn.ensemble, sklearn.svm, snakemake.cli; \
  import statsmodels.stats.multitest
# Some machines forbid to write bytecode; then each of a run's processes would compile everything.
export PYTHONDONTWRITEBYTECODE =

# What a run needs. PyTorch comes for the hardware that is there, from an index of its own: without a
# GPU nobody waits for CUDA. Where that index is out of reach, or a folder of wheels is given, the plain
# one serves.
$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $$(grep '^uv==' constraints.txt)
	@test -n "$$UV_FIND_LINKS" || UV_HTTP_RETRIES=1 $(install) --torch-backend=auto torch || echo \
	  "PyTorch's own index is out of reach: torch comes from the plain one, on Linux with CUDA (5 GB)"
	$(install) --editable '.[workflow,enrichment,signatures]'
	$(BIN)/python -c '$(WARM)'
	touch $@

# And what tests, checks and documents need beside it.
$(VENV)/.ready-dev: $(VENV)/.ready
	$(install) --editable '.[dev]'
	touch $@

# The file is read once before: Snakemake has no words for another encoding or a misplaced tab.
run: $(VENV)/.ready
	@$(BIN)/python -m svqvae.run.config_file $(call quoted,$(CONFIG))
	$(BIN)/python -m snakemake --cores $(CORES) --quiet rules host \
	  --configfile $(call quoted,$(CONFIG))

# A model to ask: ours, trained on the public consensus set, which is fetched where it is not there.
REFERENCE := results/l1000_consensus/svqvae/model
reference: $(VENV)/.ready
	$(BIN)/python -m snakemake $(REFERENCE)/model.json --cores $(CORES) --quiet rules host \
	  --configfile config/l1000_consensus.yaml
	@echo "The model is $(REFERENCE). Ask it:"
	@echo "  $(BIN)/svqvae query $(REFERENCE) YOUR_TABLE_OR_SIGNATURES"

# The default configuration from nothing, held against the run that is recorded.
reproduce: $(VENV)/.ready
	rm -rf results/reproduced
	$(BIN)/python -m snakemake --cores $(CORES) --quiet rules host \
	  --configfile config/config.yaml --config results=results/reproduced
	$(BIN)/python tests/golden/digests.py check results/reproduced

# One process a core; a file's tests stay together, so that they share what is costly to make.
test: $(VENV)/.ready-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.ready-dev
	$(BIN)/python tests/benchmarks/bench_train.py
	$(BIN)/python tests/benchmarks/bench_time_to_error.py
	$(BIN)/python tests/benchmarks/bench_read.py

# What relations between mechanisms are worth, on simulated sets: three quarters of an hour.
bench-relations: $(VENV)/.ready-dev
	$(BIN)/python tests/benchmarks/bench_relations.py docs/relations_scaling

# 6 GB of temporary disk and a minute, then 3 GB and half an hour.
bench-full: $(VENV)/.ready-dev
	$(BIN)/python tests/benchmarks/bench_full_size.py
	$(BIN)/python tests/benchmarks/bench_scale.py docs/scaling

# Weight of the page and time to open it, by the size of the run: ten minutes.
bench-page: $(VENV)/.ready-dev
	$(BIN)/python tests/benchmarks/bench_page.py

# What answers are worth when genes are missing, on the public set: after `make reference`, ten minutes.
bench-query: $(VENV)/.ready-dev
	$(BIN)/python tests/benchmarks/bench_query.py results/l1000_consensus/signatures.h5ad docs/query.tsv
	$(BIN)/python tests/benchmarks/bench_belief.py results/l1000_consensus/signatures.h5ad docs/belief.tsv

lint: $(VENV)/.ready-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m snakefmt --check workflow
	$(BIN)/python -m mypy
	$(BIN)/python -m snakemake --lint

format: $(VENV)/.ready-dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
	$(BIN)/python -m snakefmt workflow

# The tables of config/README.md, then docs/_build/html: the documents and the API. Warnings are errors.
docs: $(VENV)/.ready-dev
	$(BIN)/python docs/config_tables.py
	rm -rf docs/api docs/_build
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_build/html

# Pictures of the page for README and docs, from the run of `make run CONFIG=config/l1000_consensus.yaml`.
pictures: $(VENV)/.ready-dev
	$(BIN)/python docs/pictures.py results l1000_consensus 'topoisomerase inhibitor'

clean:
	rm -rf $(VENV) .snakemake results/* docs/api docs/_build
