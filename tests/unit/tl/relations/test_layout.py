"""Where classes stand on the map of relations."""

import numpy as np
import pandas as pd

from svqvae.tl.relations.layout import positions


def relations(names, close):
    rows = [
        (a, b, 0.9 if {a, b} <= close else 0.1, 0.01 if {a, b} <= close else 0.9)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]
    table = pd.DataFrame(rows, columns=["class_a", "class_b", "correlation", "q_value"])
    return table.assign(edge_support=1.0, p_value=table["q_value"], corrected_correlation=0.1)


def test_related_classes_stand_near_each_other():
    names = [f"c{i}" for i in range(12)]
    table = positions(relations(names, {"c3", "c7"})).set_index("class")
    assert list(table.index) == sorted(names)
    assert table.to_numpy().min() >= 0
    assert table.to_numpy().max() <= 1
    distance = np.linalg.norm(table.to_numpy()[:, None] - table.to_numpy(), axis=2)
    between = distance[np.triu_indices(12, 1)]
    at = [list(table.index).index(n) for n in ("c3", "c7")]
    assert distance[at[0], at[1]] < np.median(between)
    pd.testing.assert_frame_equal(
        positions(relations(names, {"c3", "c7"})).set_index("class"), table
    )


def test_two_classes_have_places():
    assert len(positions(relations(["a", "b"], {"a", "b"}))) == 2
