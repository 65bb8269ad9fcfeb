"""What the page says of labels and duplicates."""

import pandas as pd

from svqvae.report.accounts import duplicates_sentence, labels_sentence

LABELS = pd.DataFrame(
    {
        "pert_id": ["p1", "p2", "p3", "p4"],
        "pert_iname": ["one", None, "three", "four"],
        "n_signatures": [3, 1, 5, 2],
        "status": ["unmatched", "unmatched", "labelled", "labelled"],
        "joined_by": [None, None, "pert_id", "inchi_key14"],
    }
)


def test_labels_are_counted_and_the_unmatched_named():
    assert labels_sentence(LABELS) == (
        "2 of 4 perturbagens got a label (2 unmatched). Unmatched, most signatures first: one, p2."
    )
    assert labels_sentence(LABELS[2:]) == "2 of 2 perturbagens got a label."


def test_only_the_first_unmatched_are_named():
    many = pd.concat([LABELS[:1]] * 12, ignore_index=True)
    assert labels_sentence(many).endswith("one, one ...")


def test_duplicates_are_said_where_there_are_some():
    assert duplicates_sentence(pd.DataFrame({"compound": [], "class": []})) is None
    table = pd.DataFrame({"compound": list("aabb"), "class": ["x", "x", "x", "y"]})
    text = duplicates_sentence(table)
    assert "4 pert_ids are 2 compounds under several ids" in text
    assert "1 of these compounds have pert_ids of different classes" in text
