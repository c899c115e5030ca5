"""Verbs of the command line, run in the tests' own process."""

import sys

import pytest

from binome import cli


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Run a verb in this process: PyTorch is loaded once for all of them."""

    def call(*args, status=0):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["binome", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == status, printed
        return printed

    return call
