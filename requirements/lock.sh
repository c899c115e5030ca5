#!/usr/bin/env bash
# Re-pins every requirement with its hashes (no download addresses): `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
pin() { # pin OUTPUT ARGS...
  local output=requirements/$1; shift
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links -o "$output" "$@"
}
extras=(--extra machine --extra postgres --extra games --extra backbones)
# quantus asks for the OpenCV that needs a display's libraries; the one without them serves as well.
pin dev.txt pyproject.toml "${extras[@]}" --extra cluster --group dev --group docs -c requirements/torch.in \
  --override requirements/override.in
pin run.txt pyproject.toml "${extras[@]}" -c requirements/dev.txt
pin server.txt pyproject.toml --extra postgres -c requirements/dev.txt
pin data.txt requirements/data.in --no-deps
pin build.txt requirements/build.in -c requirements/dev.txt
