"""The mutations of tests/mutations find the code that they change, wherever it has moved to."""

import pytest
from mutations.mutations import MUTATIONS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_every_mutation_has_its_code(mutation, repository):
    files = [(repository / "svqvae" / change.file, change.old) for change in mutation.changes]
    assert any(path.is_file() and path.read_text().count(old) == 1 for path, old in files)
