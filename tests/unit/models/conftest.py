"""Models that several test files save and damage."""

import pytest
from store_cases import EXPRESSION, quick


@pytest.fixture(scope="module", params=EXPRESSION)
def trained(request, simulated):
    return quick(simulated, request.param)


@pytest.fixture(scope="module")
def svqvae_model(simulated):
    return quick(simulated, "svqvae")
