"""The TypeScript types of the HTTP contract are those of the server's models."""

import os
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"


def test_the_contract_s_types_are_current() -> None:
    command = ["node", "scripts/types.mjs", "--check"]
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
