"""A browser shows the reports of a new project as they are meant, and axe finds nothing wrong with them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from string import Template
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bake
    from tests.machine import Machine

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NPM = shutil.which("npm")
AXE = "axe-core@4.14.1"
PHONE = 360
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=10000"),
)
# Writes the pages of the kinds that the example is none of; the environment of the project runs it.
OTHER_KINDS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from flight_delays.platform import report
from tests.platform.looked_at import KINDS, look, trial
for kind, model in KINDS.items():
    Path(kind + ".html").write_text(report.html(look(trial(model))), encoding="utf-8")
"""
# Makes the page as narrow as a phone, and asks which parts of it do not fit; a table may be moved under the finger.
LOOK = Template("""
axe.run().then(found => {
  document.documentElement.style.width = "${width}px";
  const wide = [...document.querySelectorAll("body *")].filter(
    part => !part.closest(".scroll *") && part.getBoundingClientRect().right > $width);
  const told = {
    violations: found.violations.map(one => [one.id, one.nodes.map(node => node.html)]),
    passes: found.passes.length,
    wide: wide.map(part => part.outerHTML.slice(0, 80)),
  };
  const place = document.createElement("pre");
  place.id = "told";
  place.textContent = JSON.stringify(told);
  document.body.append(place);
});
""").substitute(width=PHONE)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the script of axe, which npm fetches."""
    folder = tmp_path_factory.mktemp("axe")
    command = [str(NPM), "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), AXE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot fetch {AXE}: {done.stderr.strip()}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def pages(online: Machine, bake: Bake, builder: dict[str, str]) -> list[Path]:
    """Return the report of a new project's first run, and of each kind of model."""
    project, machine = bake(), online.with_settings(**builder)
    machine.ok("uv", "run", "--quiet", "flight-delays", "run", cwd=project)
    machine.ok("uv", "run", "--quiet", "python", "-c", OTHER_KINDS, ROOT, cwd=project)
    found = [*(project / "outputs" / "reports").glob("*.html"), *project.glob("*.html")]
    assert len(found) == 5
    return found


def shown(page: Path, axe: str) -> dict[str, Any]:
    """Show a page, and return what axe and the browser tell of it."""
    text = page.read_text("utf-8")
    policy = re.search(r"<meta http-equiv[^>]*>", text)
    assert policy  # a page that may run scripts is another one: only this copy may
    script = f"<script>{axe}\n{LOOK}</script></body>"
    copy = page.with_suffix(".axe.html")
    copy.write_text(text.replace(policy[0], "").replace("</body>", script), encoding="utf-8")
    profile = f"--user-data-dir={page.with_suffix('.profile')}"
    command = [str(BROWSER), *FLAGS, profile, "--dump-dom", copy.as_uri()]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stderr
    found: dict[str, Any] = json.loads(unescape(told[1]))
    return found


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="neither Chromium nor Chrome is installed")
@pytest.mark.skipif(NPM is None, reason="npm, which fetches axe, is not installed")
def test_axe_finds_nothing_and_a_phone_is_wide_enough(axe: str, pages: list[Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = [*pool.map(lambda page: shown(page, axe), pages)]
    assert [(one["violations"], one["wide"]) for one in found] == [([], [])] * len(pages)
    assert min(one["passes"] for one in found) > 20


@pytest.mark.skipif(BROWSER is None, reason="neither Chromium nor Chrome is installed")
@pytest.mark.skipif(NPM is None, reason="npm, which fetches axe, is not installed")
def test_a_bad_page_is_found(axe: str, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    wide = '<div style="width: 900px">wide</div><h1></h1><p style="color: #999">pale</p><img src="x.png">'
    page.write_text(f'<!doctype html><html><head><meta http-equiv="x"></head><body>{wide}</body></html>', "utf-8")
    found = shown(page, axe)
    assert {"color-contrast", "html-has-lang", "image-alt"} <= {code for code, _ in found["violations"]}
    assert [part for part in found["wide"] if part.startswith("<div")]
