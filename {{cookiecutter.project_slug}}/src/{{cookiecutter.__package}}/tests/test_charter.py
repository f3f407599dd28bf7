"""project.yaml is found and read, and a broken one is refused with one sentence."""

from pathlib import Path

import pytest

from .. import charter
from ..errors import Stopped
from .conftest import PROJECT

CHARTER = "name: Delays\nowner: '@acme/ops'\nmodels: [late]\ngates: [{metric: auc, minimum: 0.6}]\n"


def test_the_charter_of_this_project_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    loaded = charter.load()
    assert loaded.name
    assert loaded.owner
    assert Path("models", loaded.model, "README.md").is_file()
    assert loaded.gates


def test_what_the_pipeline_needs_is_taken_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    charter.FILE.write_text(CHARTER, encoding="utf-8")
    assert charter.load() == charter.Charter("Delays", "@acme/ops", "late", (charter.Gate("auc", 0.6),))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("name: [", "project.yaml is not valid YAML", id="not YAML"),
        pytest.param("- a\n", "project.yaml must hold a mapping", id="a list"),
        pytest.param(CHARTER.replace("owner", "other"), "project.yaml: name, owner, one model", id="no owner"),
        pytest.param(CHARTER.replace("[late]", "[]"), "project.yaml: name, owner, one model", id="no model"),
        pytest.param(CHARTER.replace("0.6", "high"), "project.yaml: name, owner, one model", id="no threshold"),
    ],
)
def test_a_broken_charter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str) -> None:
    monkeypatch.chdir(tmp_path)
    charter.FILE.write_text(text, encoding="utf-8")
    with pytest.raises(Stopped, match=f"^{reason}"):
        charter.load()


def test_a_missing_charter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Stopped, match=r"^project\.yaml is missing: restore it"):
        charter.load()


def test_the_root_is_found_from_a_folder_below(tmp_path: Path) -> None:
    below = tmp_path / "data" / "sample"
    below.mkdir(parents=True)
    with pytest.raises(Stopped, match=r"project\.yaml is neither in"):
        charter.find_root(below)
    (tmp_path / charter.FILE).touch()
    assert charter.find_root(below) == tmp_path
