"""The whole: from data to predictions that can be traced."""

import shutil

import polars as pl
import pytest

from ..platform import lineage
from .conftest import Finished, command, git

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def test_a_run_says_of_each_claim_what_became_of_it(finished: Finished) -> None:
    assert finished.errors == ""
    verdicts = [line.split()[1] for line in finished.output.splitlines() if line.startswith("gate ")]
    assert verdicts
    assert set(verdicts) <= {"pass:", "fail:", "undecided:", "invalid:"}
    assert (finished.code == 0) == (set(verdicts) == {"pass:"})


@needs_git
def test_a_run_leaves_git_clean(finished: Finished) -> None:
    assert git(finished.folder, "status", "--porcelain") == ""


def test_each_row_is_scored_once(finished: Finished) -> None:
    for path in (finished.folder / lineage.PREDICTIONS).iterdir():
        rows = pl.read_csv(path)
        assert len(rows)
        assert rows[lineage.PREDICTION_ID].n_unique() == len(rows)


def test_a_prediction_leads_to_its_model_data_and_owner(finished: Finished) -> None:
    hint = finished.output.splitlines()[-1].partition(" trace ")[2]
    traced = command(finished.folder, "trace", hint)
    assert (traced.code, traced.errors) == (0, "")
    topics = [line.split()[0] for line in traced.output.splitlines()]
    assert {"prediction", "model", "code", "data", "owner"} <= set(topics)
