"""Print the HTTP contract as an OpenAPI document: only the models that cross the wire."""

import json
import sys

from pydantic.json_schema import models_json_schema

from binome.experiment import api, preview

# What the server sends is complete, defaults filled in; what it receives may leave them out.
MODELS = [
    (api.StudyInfo, "serialization"),
    (api.SessionState, "serialization"),
    (api.NewSession, "validation"),
    (api.EventBatch, "validation"),
    (api.DecisionData, "validation"),
    (api.OfferData, "validation"),
    (preview.PreviewCall, "validation"),
    (preview.PreviewState, "serialization"),
]


def main() -> None:
    _, schema = models_json_schema(MODELS, ref_template="#/components/schemas/{model}")
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Binome", "version": "1"},
        "paths": {},
        "components": {"schemas": schema["$defs"]},
    }
    json.dump(document, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
