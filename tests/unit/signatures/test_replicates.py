"""Which wells are replicates."""

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.signatures.control import Control
from svqvae.signatures.replicates import group


@pytest.fixture
def wells():
    return pd.DataFrame(
        {
            "rna_plate": ["A1_MCF7_6H_X1", "A1_MCF7_6H_X2", "A1_MCF7_6H_X1", "B1_MCF7_6H_X1"],
            "pert_id": ["p", "p", "DMSO", "p"],
            "pert_iname": ["drug", "drug", "DMSO", "drug"],
            "pert_dose": [10.0, 10.0, np.nan, 10.0],
            "pert_itime": ["6 h"] * 4,
            "cell_id": ["MCF7"] * 4,
            "rna_well": ["A01", "A01", "A02", "A01"],
        },
        index=["w1", "w2", "w3", "w4"],
    )


def test_wells_of_plates_that_were_made_together(wells):
    found = group(wells, None, "f")
    assert found.columns == ["brew_prefix", "pert_id", "pert_dose", "pert_itime", "cell_id"]
    assert found.number.tolist() == [0, 0, 1, 2]
    assert found.obs.index.tolist() == ["A1_MCF7_6H:p:10", "A1_MCF7_6H:DMSO", "B1_MCF7_6H:p:10"]
    # What differs between replicates is no property of the signature.
    assert "rna_plate" not in found.obs
    assert found.obs["pert_iname"].tolist() == ["drug", "DMSO", "drug"]


def test_columns_that_are_named(wells):
    found = group(wells, ["pert_id"], "f")
    assert found.number.tolist() == [0, 0, 1, 0]
    assert found.obs.index.tolist() == ["p", "DMSO"]


def test_either_dialect_names_columns(wells):
    wells = wells.rename(columns={"cell_id": "cell"}).assign(cell_id="MCF7")
    assert group(wells, ["pert_id", "cell_iname"], "f").columns == ["pert_id", "cell_id"]


def test_wells_without_a_perturbagen_have_no_group(wells):
    wells.loc["w3", "pert_id"] = np.nan
    found = group(wells, ["pert_id"], "f")
    assert found.number.tolist() == [0, 0, -1, 0]
    assert len(found.obs) == 1


def test_ids_are_told_apart(wells):
    wells.loc["w2", "pert_itime"] = "24 h"  # which the names of the plates hide
    found = group(wells, None, "f")
    assert found.obs.index.tolist()[:2] == ["A1_MCF7_6H:p:10", "A1_MCF7_6H:p:10#2"]


@pytest.mark.parametrize(
    "plate",
    ["A_B_6H_X1_B3_DUO52HI53LO", "A_B_6H_X1.A2_B12", "A_B_6H_X3", "A_B_6H_X10"],
)
def test_names_of_plates(wells, plate):
    wells = wells.assign(rna_plate=plate)
    assert group(wells, None, "f").obs["brew_prefix"].unique().tolist() == ["A_B_6H"]


def test_all_that_is_missing_at_once(wells):
    with pytest.raises(SvqvaeError) as error:
        group(wells, ["pert_idd", "pert_id", "dose_"], "f.gctx")
    assert len(error.value.problems) == 2
    assert "f.gctx: replicates: no column 'pert_idd'; did you mean 'pert_id'?" in str(error.value)


def test_nothing_names_the_perturbagen(wells):
    with pytest.raises(SvqvaeError, match="no column 'pert_id'.* name the columns by --replicates"):
        group(wells.drop(columns=["pert_id", "pert_iname"]), None, "f")


# -- controls ---------------------------------------------------------------------------------
def test_controls_as_text_and_as_configuration(wells):
    assert Control.of("pert_id=DMSO").rows(wells, "f").tolist() == [False, False, True, False]
    assert Control.of({"pert_id": "DMSO"}) == Control.of("pert_id=DMSO")
    assert Control.of("pert_id=DMSO, x").values == ("DMSO", "x")
    assert Control.of("DMSO").column is None


def test_a_missing_value_may_be_the_control(wells):
    # As of a column of drugs that says "None", which every reader takes for missing.
    assert Control.of("pert_dose=None").rows(wells, "f").tolist() == [False, False, True, False]


def test_numbers_are_written_in_any_way(wells):
    wells["pert_dose"] = wells["pert_dose"].fillna(0)
    assert Control.of("pert_dose=0").rows(wells, "f").tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("pert_id=dmso", "no row has it in column 'pert_id'; did you mean 'DMSO'?"),
        ("pert_id=Vehicle", "controls may be 'DMSO'"),
        ("pert_idd=DMSO", "no column 'pert_idd'; did you mean 'pert_id'?"),
        ("cell_id=MCF7", "all 4 rows are controls"),
        ("pert_id=", "expected COLUMN=VALUE"),
    ],
)
def test_controls_that_are_not_there(wells, given, said):
    with pytest.raises(SvqvaeError) as error:
        Control.of(given).rows(wells, "f")
    assert said in str(error.value)
