import json

import pytest

from binome.core import ArtefactError, ArtefactStore, Recipe, verify


@pytest.fixture
def store(tmp_path):
    return ArtefactStore(tmp_path)


def write(folder, text="made"):
    (folder / "sub").mkdir(exist_ok=True)
    (folder / "sub" / "file.txt").write_text(text)
    return {"figure": 3}


RECIPE = Recipe("thing", {"a": 1}, {"parent": Recipe("other", {"b": 2})})


def test_a_key_changes_with_everything_that_matters():
    others = [
        Recipe("thing2", RECIPE.spec, RECIPE.parents),
        Recipe("thing", {"a": 2}, RECIPE.parents),
        Recipe("thing", {"a": 1, "z": None}, RECIPE.parents),
        Recipe("thing", {"a": 1}, {"parent": Recipe("other", {"b": 3})}),
        Recipe("thing", {"a": 1}, RECIPE.parents, format=2),
    ]
    assert len({RECIPE.key, *(other.key for other in others)}) == 6
    assert Recipe("thing", {"a": 1}, RECIPE.parents).key == RECIPE.key


def test_made_once_and_found_again(store):
    calls = []
    first = store.make(RECIPE, lambda folder: calls.append(1) or write(folder))
    assert store.make(RECIPE, lambda folder: calls.append(1) or write(folder)) == first
    assert calls == [1]
    manifest = verify(first)
    assert manifest["summary"] == {"figure": 3}
    assert manifest["parents"] == {"parent": RECIPE.parents["parent"].key}


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "sub" / "file.txt").write_text("Made"),
        lambda folder: (folder / "sub" / "file.txt").unlink(),
        lambda folder: (folder / "more.txt").write_text(""),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text(
            json.dumps({**json.loads((folder / "manifest.json").read_text()), "content": "0"})
        ),
    ],
)
def test_damage_is_found_and_the_artefact_made_again(store, damage):
    folder = store.make(RECIPE, write)
    damage(folder)
    with pytest.raises(ArtefactError, match="build again"):
        verify(folder)
    assert not store.has(RECIPE)
    store.make(RECIPE, lambda target: write(target, "again"))
    assert (folder / "sub" / "file.txt").read_text() == "again"
    verify(folder)


def test_an_interrupted_build_keeps_its_checkpoint_and_leaves_no_artefact(store):
    def interrupted(folder):
        (folder / ".checkpoint").mkdir()
        (folder / ".checkpoint" / "step").write_text("7")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.make(RECIPE, interrupted)
    assert not store.has(RECIPE)

    def resumed(folder):
        assert (folder / ".checkpoint" / "step").read_text() == "7"
        return write(folder)

    folder = store.make(RECIPE, resumed)
    assert not (folder / ".checkpoint").exists()
    assert [path.name for path in store.root.iterdir()] == [folder.name]
