"""Types, specs, seeds, registries and artefacts that every other folder builds on."""

from binome.core.artefacts import ArtefactStore, Recipe, verify
from binome.core.errors import ArtefactError, BinomeError, Problem, StudyError, UnknownNameError, did_you_mean
from binome.core.registry import Plugin, Registry, check_params
from binome.core.seeds import derive_seed
from binome.core.spec import Spec, canonical_json, digest
from binome.core.text import Text, say

__all__ = [
    "ArtefactError", "ArtefactStore", "BinomeError", "Plugin", "Problem", "Recipe", "Registry", "Spec", "StudyError",
    "Text", "UnknownNameError", "canonical_json", "check_params", "derive_seed", "did_you_mean", "digest", "say",
    "verify",
]  # fmt: skip
