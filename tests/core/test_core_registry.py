import pytest

from binome.core import (
    BinomeError,
    Registry,
    Spec,
    UnknownNameError,
    canonical_json,
    derive_seed,
    did_you_mean,
    digest,
    say,
)
from binome.core.registry import check_params


def test_a_registered_function_is_found_by_name():
    registry = Registry("thing", "binome.tests")

    @registry.register("one", colour="blue")
    def one():
        """What it does.

        More.
        """

    plugin = registry.get("one")
    assert (plugin.target, plugin.declared, plugin.summary) == (one, {"colour": "blue"}, "What it does.")
    assert registry.names() == ["one"]
    assert "one" in registry
    with pytest.raises(UnknownNameError, match="unknown thing '3'; known: one"):
        registry.get(3)
    with pytest.raises(UnknownNameError, match=r"unknown thing 'onee'; did you mean 'one'\?; known: one"):
        registry.get("onee")
    with pytest.raises(BinomeError, match="two thing plug-ins are named 'one'"):
        registry.register("one")(lambda: None)


def test_plugins_of_other_packages_are_found_by_their_entry_points(monkeypatch):
    registry = Registry("thing", "binome.tests")

    class Entry:
        def load(self):
            registry.register("far")(lambda: None)

    monkeypatch.setattr("binome.core.registry.entry_points", lambda group: [Entry()] if group == "binome.tests" else [])
    assert registry.names() == ["far"]


def test_unknown_parameters_are_named():
    def target(call, steps=3, window=4):
        pass

    check_params("thing", "t", target, {"steps": 1}, frozenset({"call"}))
    with pytest.raises(BinomeError, match=r"no parameter 'step'; did you mean 'steps'\? it takes: steps, window"):
        check_params("thing", "t", target, {"step": 1}, frozenset({"call"}))
    with pytest.raises(BinomeError, match="no parameter 'call'"):
        check_params("thing", "t", target, {"call": 1}, frozenset({"call"}))


def test_specs_rebuild_and_hash():
    spec = Spec("explainer", "ig", {"steps": 3})
    assert Spec.from_dict(spec.as_dict()) == spec
    assert spec.key != Spec("explainer", "ig", {"steps": 4}).key
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_seeds_depend_on_every_name_and_type():
    seeds = {
        derive_seed(0, "a"),
        derive_seed(1, "a"),
        derive_seed(0, "b"),
        derive_seed(0, "a", 1),
        derive_seed(0, "a", "1"),
    }
    assert len(seeds) == 5
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derive_seed(3, "x", 4) == derive_seed(3, "x", 4)


def test_texts_fall_back_to_english_then_to_any():
    assert say({"en": "dog", "fr": "chien"}, "fr") == "chien"
    assert say({"en": "dog"}, "fr") == "dog"
    assert say({"de": "Hund"}, "fr") == "Hund"
    assert say("dog", "fr") == "dog"
    assert did_you_mean("zzz", ["dog"]) == ""
