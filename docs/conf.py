"""Pages of the package's API and of the documents beside this file: `make docs`."""

import svqvae

project = "svqvae"
author = copyright = "the svqvae developers"
version = release = svqvae.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Global representations of drug mechanisms",
    "page_width": "70em",
}
# Formulas are set as indented text.
highlight_language = "none"

# Pages of all modules are made anew with each build, under api/, which git ignores.
apidoc_modules = [
    {
        "path": "../svqvae",
        "destination": "api",
        "module_first": True,
        "separate_modules": True,
        "exclude_patterns": ["**/_[a-z]*.py", "**/__main__.py"],
    }
]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
# Attributes of dataclasses are documented in their class, once.
napoleon_use_ivar = True

myst_heading_anchors = 3
suppress_warnings = [
    # Links to files outside this folder, which a test follows.
    "myst.xref_missing",
    # The package gives names of its modules again.
    "ref.python",
]
