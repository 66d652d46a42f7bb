from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from elbowroom.core import ArtefactError, load_artefact, save_artefact


@pytest.fixture
def folder(tmp_path):
    tensors = {"weight": np.arange(6.0).reshape(2, 3), "bias": np.zeros(3, np.float32)}
    save_artefact(tmp_path / "model", "example", tensors, {"seed": 3, "unit": "m"})
    return tmp_path / "model"


def test_what_was_saved_is_loaded(folder):
    artefact = load_artefact(folder, "example")
    np.testing.assert_array_equal(artefact.tensors["weight"], np.arange(6.0).reshape(2, 3))
    assert artefact.tensors["bias"].dtype == np.float32
    assert artefact.facts == {"seed": 3, "unit": "m"}
    assert len(artefact.version) == 12


def test_another_kind_is_refused(folder):
    with pytest.raises(ArtefactError, match="is a example, expected a other"):
        load_artefact(folder, "other")


def test_a_flipped_byte_is_found(folder):
    path = folder / "model.safetensors"
    blob = bytearray(path.read_bytes())
    blob[-1] ^= 1
    path.write_bytes(bytes(blob))
    with pytest.raises(ArtefactError, match="does not match the hash"):
        load_artefact(folder, "example")


def test_a_changed_fact_is_found(folder):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["facts"]["seed"] = 4
    path.write_text(json.dumps(manifest))
    with pytest.raises(ArtefactError, match="was changed after it was written"):
        load_artefact(folder, "example")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}'])
def test_a_mangled_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ArtefactError):
        load_artefact(folder, "example")


@pytest.mark.parametrize("name", ["manifest.json", "model.safetensors"])
def test_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArtefactError, match="cannot be read"):
        load_artefact(folder, "example")


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("call", range(4))
@pytest.mark.parametrize("same", [True, False])
def test_a_save_that_is_cut_short_leaves_the_old_or_the_new(folder, monkeypatch, call, there, same):
    """Whichever of the writes and renames is the last that is done."""
    tensors = dict(load_artefact(folder, "example").tensors)
    if not there:
        shutil.rmtree(folder)
    left = [call]

    def limit(function):
        def limited(*args, **options):
            left[0] -= 1
            if left[0] < 0:
                raise OSError("no space left on device")
            return function(*args, **options)

        return limited

    if not same:
        tensors["bias"] = np.ones(3, np.float32)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", limit(Path.write_bytes))
        patch.setattr(Path, "write_text", limit(Path.write_text))
        patch.setattr(os, "replace", limit(os.replace))
        with pytest.raises(OSError, match="no space"):
            save_artefact(folder, "example", tensors, {"seed": 4})
    if there or call == 3:
        found = load_artefact(folder, "example")
        new = found.facts == {"seed": 4}
        assert new or found.facts == {"seed": 3, "unit": "m"}
        assert new or call < 3
        assert same or found.tensors["bias"][0] == float(new)
    save_artefact(folder, "example", tensors, {"seed": 5})
    assert load_artefact(folder, "example").facts == {"seed": 5}
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "model.safetensors"]


def test_single_numbers_keep_their_shape(tmp_path: Path) -> None:
    save_artefact(tmp_path / "a", "toy", {"one": np.array(2.0)}, {})
    assert load_artefact(tmp_path / "a", "toy").tensors["one"].shape == ()
