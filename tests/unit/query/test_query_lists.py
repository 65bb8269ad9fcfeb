"""Lists of genes up and down, one pair or a GMT of many."""

import numpy as np
import pytest

from svqvae.errors import SvqvaeError
from svqvae.query.read import read_queries


def written(folder, name, *lines):
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_lists_are_signs(names, tmp_path):
    up = written(tmp_path, "dex_up.txt", "CDK2", "ENSG00000141510", "NOT1")
    down = written(tmp_path, "dex_down.txt", "aars")
    queries = read_queries(None, names, up=up, down=down)
    assert queries.names == ["dex"]
    expected = [-1, 1, 1, np.nan, np.nan, np.nan]
    np.testing.assert_array_equal(queries.values[0], expected)
    assert queries.notes == ["dex: 1 listed genes are none of the model's: NOT1"]


def test_one_list_is_enough(names, tmp_path):
    queries = read_queries(None, names, up=written(tmp_path, "a.txt", "CDK2"))
    assert queries.genes_used.tolist() == [1]


def test_a_gmt_has_many_queries(names, tmp_path):
    lines = ["a_UP\tx\tCDK2\tTP53", "a_DN\tx\tAARS1", "b_up\tx\tMAPK9", "b_down\tx\tCDK2"]
    queries = read_queries(written(tmp_path, "sets.gmt", *lines), names)
    assert queries.names == ["a", "b"]
    assert queries.values[:, 1].tolist() == [1, -1]


def test_wrong_lists_say_what_to_do(names, tmp_path):
    up = written(tmp_path, "up.txt", "CDK2", "TP53")
    with pytest.raises(SvqvaeError, match=r"1 genes of 'lists' are in both lists \(CDK2\)"):
        read_queries(None, names, up=up, down=written(tmp_path, "down.txt", "CDK2"))
    with pytest.raises(SvqvaeError, match=r"none of its 1 genes .*YFG1"):
        read_queries(None, names, up=written(tmp_path, "no.txt", "YFG1"))
    with pytest.raises(SvqvaeError, match="neither up nor down, first 'P53'"):
        read_queries(written(tmp_path, "s.gmt", "P53\tx\tCDK2"), names)
    with pytest.raises(SvqvaeError, match="expected one thing to ask of.*found both"):
        read_queries(up, names, up=up)
    with pytest.raises(SvqvaeError, match="found neither"):
        read_queries(None, names)
    with pytest.raises(SvqvaeError, match=r"unknown kind by its name.*--up and --down"):
        read_queries(written(tmp_path, "x.rnk", "CDK2\t2"), names)
