"""GCTX: what is written comes back, whatever the layout of the file."""

import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import (
    PROPERTY,
    TEXT,
    assert_same_table,
    pick,
    raises_naming,
    read_matrix,
    signatures,
    subsets,
)

from svqvae.io import blocks, gctx, read_metadata
from svqvae.io.missing import is_missing_word

COLUMN_NAME = TEXT.filter(lambda name: "/" not in name and name not in ("id", "."))
REAL = [
    "l1000_plates/LJP005_A375_24H_level4_n377x978.gctx",
    "l1000_plates/CPC006_A375_6H_level4_n371x978.gctx",
    "l1000_plates/modz_level5_n272x978.gctx",
    "l1000_plates/level5_n5x10.gctx",
    "l1000_consensus/consensus_n965x978.gctx",
]


def make(path, x=None, sigs=None, genes=None, extra=(), **layout):
    """Write a GCTX with h5py alone; ``extra`` maps further paths to arrays."""
    x = np.arange(6, dtype=np.float32).reshape(2, 3) if x is None else x
    sigs = [f"sig{i}" for i in range(x.shape[0])] if sigs is None else sigs
    genes = [f"gene{i}" for i in range(x.shape[1])] if genes is None else genes
    with h5py.File(path, "w") as file:
        file.create_dataset("0/DATA/0/matrix", data=x, **layout)
        file["0/META/COL/id"] = sigs
        file["0/META/ROW/id"] = genes
        for name, value in dict(extra).items():
            if name in file:
                del file[name]
            if value is not None:
                file[name] = value
    return path


def damage_chunk(path, number):
    """Overwrite one compressed chunk of the matrix."""
    with h5py.File(path) as file:
        chunk = file["0/DATA/0/matrix"].id.get_chunk_info(number)
    with path.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\xff" * chunk.size)


@PROPERTY
@given(signatures(COLUMN_NAME))
def test_round_trip_is_exact(tmp_path, drawn):
    x, obs, var = drawn
    path = tmp_path / "a.gctx"
    gctx.write_gctx(path, x, obs, var)
    got, got_obs, got_var = read_matrix(path)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, x)
    for table, want in zip((got_obs, got_var), (obs, var), strict=True):
        assert_same_table(table, want)
    for table, want in zip(read_metadata(path), (obs, var), strict=True):
        assert_same_table(table, want)


@st.composite
def stored(draw):
    n, m = draw(st.integers(1, 40)), draw(st.integers(1, 12))
    dtype = draw(st.sampled_from(["<f4", ">f4", "f8", "f2", "i4"]))
    layout = {}
    if draw(st.booleans()):
        layout["chunks"] = (draw(st.integers(1, n)), draw(st.integers(1, m)))
        gzip, shuffle, lzf = {"compression": "gzip"}, {"shuffle": True}, {"compression": "lzf"}
        layout |= draw(st.sampled_from([{}, gzip, shuffle, gzip | shuffle, lzf]))
    x = np.random.default_rng(draw(st.integers(0, 99))).normal(0, 50, (n, m)).astype(dtype)
    rows = draw(subsets([f"sig{i}" for i in range(n)]))
    return x, layout, rows, draw(subsets([f"gene{i}" for i in range(m)]))


@PROPERTY
@given(stored(), st.sampled_from([1, 300, 64 << 20]), st.booleans())
def test_any_layout_and_subset_equals_numpy_indexing(
    tmp_path, monkeypatch, drawn, block_bytes, by_chunk
):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(blocks, "_SMALL_CHUNK_BYTES", 1 if by_chunk else 64 << 10)
    x, layout, rows, genes = drawn
    path = make(tmp_path / "a.gctx", x, **layout)
    ids = ([f"sig{i}" for i in range(x.shape[0])], [f"gene{i}" for i in range(x.shape[1])])
    got, obs, var = read_matrix(path, rows=rows, genes=genes)
    np.testing.assert_array_equal(got, pick(x, ids, rows, genes).astype(np.float32))
    assert list(obs.index) == (ids[0] if rows is None else rows)
    assert list(var.index) == (ids[1] if genes is None else genes)


def test_metadata_follows_the_order_asked_for(tmp_path):
    extra = {"0/META/COL/dose": np.array([1.5, 2.5]), "0/META/ROW/pos": np.array([7, 8, 9])}
    path = make(tmp_path / "a.gctx", extra=extra)
    _, obs, var = read_matrix(path, rows=["sig1", "sig0"], genes=["gene2", "gene0"])
    assert obs["dose"].to_dict() == {"sig1": 2.5, "sig0": 1.5}
    assert var["pos"].to_list() == [9, 7]


ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=6).filter(
    lambda text: not is_missing_word(text)
)
LATIN1 = st.tuples(ASCII, st.sampled_from("µ°éß"), ASCII).map("".join)


@PROPERTY
@given(
    st.lists(LATIN1 | ASCII, min_size=2, max_size=2, unique=True),
    st.sampled_from(["fixed", "padded", "variable latin-1", "variable utf-8"]),
)
def test_every_kind_of_string_is_decoded(tmp_path, texts, kind):
    if kind == "variable utf-8":
        stored = np.array(texts, dtype=h5py.string_dtype("utf-8"))
    else:
        raw = [t.encode("latin-1") + (b"  \0" if kind == "padded" else b"") for t in texts]
        stored = np.array(raw, dtype=object if kind == "variable latin-1" else "S20")
        if kind == "variable latin-1":
            stored = stored.astype(h5py.string_dtype("ascii"))
    extra = {"0/META/COL/id": stored, "0/META/COL/note": stored}
    obs, _ = read_metadata(make(tmp_path / "a.gctx", extra=extra))
    assert list(obs.index) == texts
    assert obs["note"].to_list() == texts


@pytest.mark.parametrize(
    "null", [np.array([-666, 3]), np.array([-666.0, 3], "f4"), [b"-666", b"3"]]
)
def test_minus_666_is_missing(tmp_path, null):
    obs, _ = read_metadata(make(tmp_path / "a.gctx", extra={"0/META/COL/dose": null}))
    assert obs["dose"].isna().to_list() == [True, False]
    assert float(obs["dose"].iloc[1]) == 3


def test_blanks_around_ids_are_dropped(tmp_path):
    path = make(tmp_path / "a.gctx", sigs=np.array([b"  780 ", b"\t16"]))
    assert list(read_metadata(path)[0].index) == ["780", "16"]


def test_whole_number_ids_become_text(tmp_path):
    path = make(tmp_path / "a.gctx", genes=np.array([780, 5720, 16]))
    x, _, var = read_matrix(path, genes=["16", "780"])
    assert list(var.index) == ["16", "780"]
    assert x.tolist() == [[2, 0], [5, 3]]


@pytest.mark.parametrize(
    "values", [pd.array([True, None], "boolean"), pd.Categorical([True, None])]
)
def test_missing_booleans_are_written(tmp_path, values):
    obs, var = pd.DataFrame({"gold": values}, index=["a", "b"]), pd.DataFrame(index=["g"])
    gctx.write_gctx(tmp_path / "a.gctx", np.zeros((2, 1)), obs, var)
    got, _ = read_metadata(tmp_path / "a.gctx")
    assert got["gold"].iloc[0] == 1
    assert got["gold"].isna().to_list() == [False, True]


@pytest.mark.parametrize("small", [1, 64 << 10])
def test_blocks_without_wanted_rows_are_not_read(tmp_path, monkeypatch, small):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    monkeypatch.setattr(blocks, "_SMALL_CHUNK_BYTES", small)
    x = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    path = make(tmp_path / "a.gctx", x, chunks=(10, 30), compression="gzip")
    damage_chunk(path, 1)
    got, _, _ = read_matrix(path, rows=["sig35", "sig0", "sig9"])
    np.testing.assert_array_equal(got, x[[35, 0, 9]])
    assert len(read_metadata(path)[0]) == 40
    with raises_naming(path, "damaged"):
        read_matrix(path, rows=["sig10"])


@pytest.mark.parametrize("name", REAL)
def test_real_file_equals_plain_h5py(shared_data, name):
    got, *tables = read_matrix(shared_data / name)
    with h5py.File(shared_data / name) as file:
        np.testing.assert_array_equal(got, file["0/DATA/0/matrix"][...].astype(np.float32))
        for table, group in zip(tables, ("COL", "ROW"), strict=True):
            columns = {k: v[...].tolist() for k, v in file[f"0/META/{group}"].items()}
            # No byte beyond ASCII in these files is part of a UTF-8 character.
            text = {k: [_text(v) for v in c] for k, c in columns.items()}
            assert list(table.index) == text.pop("id")
            assert sorted(table.columns) == sorted(text)
            for column, want in text.items():
                have = table[column].astype(object)
                assert have.where(have.notna(), None).to_list() == want, column


def _text(value):
    value = value.decode("latin-1").rstrip(" ") if isinstance(value, bytes) else value
    return None if value in (-666, "-666") or value != value else value


@pytest.mark.parametrize("name", REAL)
def test_real_subset_equals_plain_h5py(shared_data, name):
    with h5py.File(shared_data / name) as file:
        x = file["0/DATA/0/matrix"][...].astype(np.float32)
        sigs, genes = (file[f"0/META/{g}/id"].asstr()[...] for g in ("COL", "ROW"))
    rng = np.random.default_rng(1)
    rows, columns = (rng.permutation(n)[: n // 2] for n in x.shape)
    got, obs, var = read_matrix(
        shared_data / name, rows=list(sigs[rows]), genes=list(genes[columns])
    )
    np.testing.assert_array_equal(got, x[rows][:, columns])
    assert list(obs.index) == list(sigs[rows])
    assert list(var.index) == list(genes[columns])


def test_real_micro_sign_is_kept(shared_data):
    obs, _ = read_metadata(shared_data / "l1000_plates/modz_level5_n272x978.gctx")
    assert set(obs["pert_idose"].dropna()) >= {"10 µM", "3 µM", "1 µM"}


@pytest.mark.parametrize("small", [1, 64 << 10])
def test_chunks_that_were_never_written_hold_the_fill_value(tmp_path, monkeypatch, small):
    monkeypatch.setattr(blocks, "_SMALL_CHUNK_BYTES", small)
    x = np.ones((20, 6), np.float32)
    path = make(tmp_path / "a.gctx", x)
    with h5py.File(path, "r+") as file:
        del file["0/DATA/0/matrix"]
        matrix = file.create_dataset(
            "0/DATA/0/matrix", x.shape, "f4", chunks=(5, 6), compression="gzip", fillvalue=7
        )
        matrix[10:15] = 1
    got, _, _ = read_matrix(path)
    assert got[10:15].tolist() == [[1] * 6] * 5
    assert got[:10].tolist() == [[7] * 6] * 10


def test_a_file_replaced_while_it_is_read_stays_the_one_that_was_opened(tmp_path):
    path = make(tmp_path / "a.gctx", np.zeros((50, 40), np.float32))
    with gctx.GctxFile(path) as file:
        make(tmp_path / "b.gctx", np.ones((60, 40), np.float32)).replace(path)
        assert not file.read(np.arange(50), np.arange(40)).any()


@pytest.mark.parametrize("text", [b"-666.0", b"-666.000000", b"NA", b" null", b"#N/A", b""])
def test_words_for_a_missing_value_are_those_of_every_format(tmp_path, text):
    extra = {"0/META/COL/dose": [text, b"3"], "0/META/ROW/gene": [b"NAT2", b"-6660", text]}
    obs, var = read_metadata(make(tmp_path / "a.gctx", extra=extra))
    assert obs["dose"].isna().to_list() == [True, False]
    assert var["gene"].fillna("missing").to_list() == ["NAT2", "-6660", "missing"]


def test_minus_666_in_the_matrix_is_missing(tmp_path):
    path = make(tmp_path / "a.gctx", np.array([[1, -666], [-665, 2]], np.float32))
    np.testing.assert_array_equal(read_matrix(path)[0], [[1, np.nan], [-665, 2]])


def test_threads_need_no_lock_of_h5py(tmp_path):
    """Held by one thread, as while a file is opened, it would keep the others waiting for ever."""
    path = tmp_path / "a.gctx"
    x = np.random.default_rng(0).normal(size=(64, 512)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=x, chunks=(32, 512), compression="gzip")
    code = (
        "import h5py, numpy as np, sys; from h5py._objects import phil\n"
        "from svqvae.io.blocks import read_block\n"
        f"with h5py.File({str(path)!r}) as file, phil:\n"
        "    x = read_block(file['x'], np.arange(64), np.arange(512))\n"
        "sys.stdout.write(str(float(x.sum(dtype=float))))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert float(run.stdout) == pytest.approx(x.sum(dtype=float))
