"""The TypeScript types of the HTTP contract are those of the server's models."""

import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"


def test_the_contract_s_types_are_current() -> None:
    command = ["node", "scripts/types.mjs", "--check"]
    done = subprocess.run(command, cwd=WEB, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHON": sys.executable}, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
