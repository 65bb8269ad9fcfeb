"""Documents: their links lead somewhere, and each is reached from the README."""

import re

import pytest

PAGES = ("README.md", "CONTRIBUTING.md", "config/README.md", "resources/README.md")
#: Made of other pages, for Sphinx alone.
_SPHINX = {"index.md", "configuration.md", "quickstart.md"}


def pages(repository):
    docs = repository / "docs"
    return [repository / page for page in PAGES] + sorted(
        [*docs.glob("*.md"), *docs.glob("tutorials/*.md")]
    )


def anchors(path):
    """Return the anchors of a page's headings, as GitHub and MyST make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def links(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"\w+:", target):
            file, _, anchor = target.partition("#")
            yield (path.parent / file).resolve() if file else path, anchor


@pytest.fixture(scope="module")
def every(repository):
    return {(page, *link) for page in pages(repository) for link in links(page)}


def test_links_lead_to_files_and_headings(every):
    assert len(every) > 20
    for page, file, anchor in every:
        assert file.exists(), f"{page}: {file}"
        assert not anchor or anchor in anchors(file), f"{page}: {file}#{anchor}"


def test_each_document_is_reached_from_the_readme(repository, every):
    linked = {file for page, file, _ in every if page == repository / "README.md"}
    documents = {p for p in pages(repository) if p.name not in _SPHINX} - {repository / "README.md"}
    assert documents - linked - {repository / "resources" / "README.md"} == set()
