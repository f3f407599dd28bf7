"""Links as the generators of sites resolve them: what is there is found, what cannot be known is no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import CLEAN, repository, run

if TYPE_CHECKING:
    from pathlib import Path

SPHINX = 'extensions = ["myst_parser"]\n'
HUGO = 'baseURL = "https://example.com"\n'


def found(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    """Return each finding of DOC008 on a clean project with these files too."""
    out = run(repository(folder, {**CLEAN, **files}), "check", "--select", "DOC008").out
    return [line for line in out.splitlines() if ": DOC008 " in line]


# The configuration, the page, its target, and other files.
THERE = {
    "a page of Docusaurus at its address": ("web/docusaurus.config.js", "web/docs/a.md", "/guides/setup", []),
    "a neighbour without its suffix": ("web/docusaurus.config.ts", "web/docs/a.md", "./next", ["web/docs/next.mdx"]),
    "a static file": ("web/docusaurus.config.js", "web/docs/a.md", "/img/a.svg", ["web/static/img/a.svg"]),
    "a static file behind the address of the site": (
        "web/docusaurus.config.js",
        "web/docs/a.md",
        "/handbook/img/a.svg",
        ["web/static/img/a.svg"],
    ),
    "a page from the content's root": ("web/docusaurus.config.js", "web/docs/x/a.md", "/y/b.md", ["web/docs/y/b.md"]),
    "a page from the root, bare": ("web/docusaurus.config.js", "web/docs/x/a.md", "y/b.mdx", ["web/docs/y/b.mdx"]),
    "a page from the site's folder": ("web/docusaurus.config.js", "web/docs/a.md", "@site/src/b.md", ["web/src/b.md"]),
    "a page of its version": (
        "web/docusaurus.config.js",
        "web/versioned_docs/version-1/x/a.md",
        "/y/b.md",
        ["web/versioned_docs/version-1/y/b.md"],
    ),
    "a page that is not translated": (
        "web/docusaurus.config.js",
        "web/i18n/fr/docusaurus-plugin-content-docs/current/a.md",
        "./b.md",
        ["web/docs/b.md"],
    ),
    "a page of a version that is not translated": (
        "web/docusaurus.config.js",
        "web/i18n/fr/docusaurus-plugin-content-docs/version-1/a.md",
        "./b.md",
        ["web/versioned_docs/version-1/b.md"],
    ),
    "an address in MkDocs": ("mkdocs.yml", "docs/a.md", "guide/", []),
    "a page from the root of MkDocs": ("mkdocs.yml", "docs/x/a.md", "/y/b.md", ["docs/y/b.md"]),
    "a picture from the address of the page": ("mkdocs.yml", "docs/x/a.md", "../../i.png", ["docs/i.png"]),
    "the output of a page": ("mkdocs.yml", "docs/a.md", "b.html", []),
    "a label of MyST": ("docs/conf.py", "docs/a.md", "data-page", []),
    "an object of Python": ("docs/conf.py", "docs/a.md", "sdk.Stream.get_records", []),
    "a page from the root of Sphinx": ("docs/conf.py", "docs/x/a.md", "/b.rst", ["docs/b.rst"]),
    "a label of a Jupyter Book": ("book/_config.yml", "book/a.md", "my-figure", []),
    "a label of MyST Markdown": ("docs/myst.yml", "docs/a.md", "my-figure", []),
    "an address of Hugo": ("site/hugo.toml", "site/content/en/a.md", "/docs/overview/", []),
    "a shortcode of Hugo": ("config.toml", "content/a.md", '{{< ref "b.md" >}}', []),
    "a file in folders of configuration": (
        "site/config/_default/hugo.toml",
        "site/content/a.md",
        "/i/a.png",
        ["site/static/i/a.png"],
    ),
    "a tag of Jekyll": ("docs/_config.yml", "docs/a.md", "{% link b.md %}", []),
    "a permalink of Jekyll": ("docs/_config.yml", "docs/a.md", "../guide/setup.html", []),
    "an address of Astro": ("astro.config.mjs", "src/content/docs/a.md", "../guides/setup/", []),
    "a public file of Astro": ("astro.config.mjs", "src/content/docs/a.md", "/i/a.png", ["public/i/a.png"]),
    "a neighbour in VitePress": ("docs/.vitepress/config.ts", "docs/a.md", "./b#c", []),
    "a public file of VitePress": ("docs/.vitepress/config/index.ts", "docs/a.md", "/i.png", ["docs/public/i.png"]),
    "a page of Quarto from its root": ("_quarto.yml", "docs/x/a.md", "/docs/b.qmd", ["docs/b.qmd"]),
    "the output of a page of Quarto": ("_quarto.yml", "docs/a.md", "b.html", ["docs/b.qmd"]),
    "a part that other pages include": ("_quarto.yml", "docs/includes/_a.md", "run.qmd", []),
    "a page that a plugin writes": ("mkdocs.yml", "docs/a.md", "reference/b.md", []),
    "a picture where no folder is known": ("docs/_config.yml", "docs/a.md", "/assets/i.png", []),
}
MISSING = {
    "a page beside, in Docusaurus": ("web/docusaurus.config.js", "web/docs/a.md", "./missing.md", []),
    "a page from the root of Docusaurus": ("web/docusaurus.config.js", "web/docs/a.md", "/x/missing.mdx", []),
    "a static file": ("web/docusaurus.config.js", "web/docs/a.md", "/img/no.svg", ["web/static/img/a.svg"]),
    "a page beside, in MkDocs": ("mkdocs.yml", "docs/a.md", "missing.md#part", []),
    "a picture beside, in MkDocs": ("mkdocs.yml", "docs/a.md", "missing.png", []),
    "a page out of the docs": ("mkdocs.yml", "docs/a.md", "../MISSING.md", []),
    "a page from the root, written bare": ("mkdocs.yml", "docs/x/a.md", "y/b.md", ["docs/y/b.md"]),
    "a page in Sphinx": ("docs/conf.py", "docs/a.md", "missing.md", []),
    "a notebook in a Jupyter Book": ("book/_toc.yml", "book/a.md", "missing.ipynb", []),
    "a page in Jekyll": ("docs/_config.yml", "docs/a.md", "missing.md", []),
    "a page in VitePress": ("docs/.vitepress/config.ts", "docs/a.md", "./missing.md", []),
    "a page of Quarto": ("_quarto.yml", "docs/a.md", "missing.qmd", []),
    "a page in another language's folder": ("mkdocs.yml", "docs/db/a.md", "b.md", ["docs/b.md"]),
    "a page without its suffix, of no site": ("README.txt", "docs/a.md", "./next", ["docs/next.md"]),
    "a label of no page": ("docs/conf.py", "CHANGES.md", "my-label", ["docs/b.md"]),
    "a page beside docs whose configuration is none": ("src/conf.py", "src/a.md", "label", []),
    "a page of a folder that Hugo has nothing of": ("config.toml", "docs/a.md", "label", []),
    "a page beside the folder of the site's pages": ("mkdocs.yml", "notes/a.md", "label", []),
}
TEXTS = {
    "docs/conf.py": SPHINX,
    "config.toml": HUGO,
    "site/hugo.toml": HUGO,
    "mkdocs.yml": "site_name: Late\nplugins: [search]\n",
}


def files(case: tuple[str, str, str, list[str]]) -> dict[str, str | bytes]:
    config, page, target, others = case
    there: dict[str, str | bytes] = dict.fromkeys(others, "# There\n")
    return {**there, config: TEXTS.get(config, "title: Late\n"), page: f"# A page\n\nSee [this](<{target}>).\n"}


@pytest.mark.parametrize("case", THERE.values(), ids=THERE)
def test_a_target_that_the_generator_resolves_or_nobody_knows_is_no_finding(
    case: tuple[str, str, str, list[str]], tmp_path: Path
) -> None:
    plugin = {"mkdocs.yml": "plugins: [gen-files]\n"} if "reference/" in case[2] else {}
    written = case[2].replace("<", "&lt;").replace(">", "&gt;")
    assert found(tmp_path, {**files((*case[:2], written, case[3])), **plugin}) == []


@pytest.mark.parametrize("case", MISSING.values(), ids=MISSING)
def test_a_page_or_a_file_that_is_not_there_stays_a_finding(
    case: tuple[str, str, str, list[str]], tmp_path: Path
) -> None:
    _, page, target, _ = case
    assert found(tmp_path, files(case)) == [f"{page}:3:13: DOC008 link to '{target}', which is not tracked"]


def test_mkdocs_says_where_its_pages_are(tmp_path: Path) -> None:
    texts = {"mkdocs.yml": "docs_dir: 'handbook'\n", "handbook/a.md": "[a](b/)\n", "docs/a.md": "[a](b/)\n"}
    assert found(tmp_path, {**texts}) == ["docs/a.md:1:5: DOC008 link to 'b/', which is not tracked"]


def test_what_git_ignores_comes_with_the_build_of_a_site_and_is_missing_elsewhere(tmp_path: Path) -> None:
    page = "[a](api/a.md), [b](b.md)\n"
    texts = {".gitignore": "api/\n", "docs/conf.py": SPHINX, "docs/a.md": page, "NOTES.md": page}
    assert found(tmp_path, {**texts}) == [
        "NOTES.md:1:5: DOC008 link to 'api/a.md', which is not tracked",
        "NOTES.md:1:20: DOC008 link to 'b.md', which is not tracked",
        "docs/a.md:1:20: DOC008 link to 'b.md', which is not tracked",
    ]


def test_more_ignored_paths_than_a_pipe_holds_are_asked_for(tmp_path: Path) -> None:
    page = "".join(f"[a](api/{'x' * 200}{number}.md)\n" for number in range(40))
    texts = {".gitignore": "api/\n", "docs/conf.py": SPHINX, "docs/a.md": page}
    assert found(tmp_path, {**texts}) == []


def test_a_page_that_a_site_includes_may_use_its_labels(tmp_path: Path) -> None:
    label = "(my-label)=\n\n# Data\n\n(no label) = 1\n"
    texts = {"docs/conf.py": SPHINX, "docs/a.md": label, "CHANGES.md": "[a](my-label), [b](other)\n"}
    assert found(tmp_path, {**texts}) == ["CHANGES.md:1:20: DOC008 link to 'other', which is not tracked"]


def test_translations_lie_beside_the_site_and_use_what_it_has(tmp_path: Path) -> None:
    texts = {
        "docs/en/mkdocs.yml": "site_name: Late\n",
        "docs/en/docs/img/a.png": "",
        "docs/en/docs/b.md": "# B\n",
        "docs/fr/docs/a.md": "![a](/img/a.png) [b](b.md) [c](/b) [d](c.md) [e](/d)\n",
    }
    assert found(tmp_path, {**texts}) == [
        "docs/fr/docs/a.md:1:40: DOC008 link to 'c.md', which is not tracked",
        "docs/fr/docs/a.md:1:50: DOC008 link to '/d', which is not tracked",
    ]


def test_the_output_of_a_page_is_that_page_on_the_pages_of_github(tmp_path: Path) -> None:
    texts = {"docs/a.md": "[a](b.html), [c](c.html)\n", "docs/b.md": "# B\n"}
    assert found(tmp_path, {**texts}) == ["docs/a.md:1:18: DOC008 link to 'c.html', which is not tracked"]


README = """\
# Late arrivals

## 1. 👥 Owners &amp; more

## 2. **Owners**

@acme/flight-ops

## :rocket: Getting-Started {#run}

`late run`

## Running tests

`pytest`
"""


def test_a_section_is_there_when_a_reader_sees_its_title_and_not_when_it_only_begins_alike(tmp_path: Path) -> None:
    out = run(repository(tmp_path, {**CLEAN, "README.md": README}), "check", "--select", "DOC002,DOC003").findings
    assert out == ["README.md:1:1: DOC002 no section 'Test' (or 'Tests', 'Testing')"]


def test_an_empty_section_is_found_by_what_a_reader_sees(tmp_path: Path) -> None:
    text = README.replace("`late run`", "<!-- how? -->").replace("Running tests", "`Tests`")
    out = run(repository(tmp_path, {**CLEAN, "README.md": text}), "check", "--select", "DOC002,DOC003").findings
    assert out == ["README.md:9:1: DOC003 section ':rocket: Getting-Started {#run}' is empty"]


def test_a_page_with_the_line_ends_of_old_macs_is_read(tmp_path: Path) -> None:
    page = CLEAN["README.md"]
    assert isinstance(page, str)
    text = f"{page}\n[a](b.md)\n".replace("\n", "\r")
    out = run(repository(tmp_path, {**CLEAN, "README.md": text}), "check", "--select", "DOC").findings
    assert out == ["README.md:15:5: DOC008 link to 'b.md', which is not tracked"]


TARGETS = {
    r"src/repo\_config.py": "",
    "src/repo%5Fconfig.py": "",
    "src/repo&#95;config.py": "",
    "<src/two words.py>": "",
    "src/two%20words.py#L10-L12": "",
    "src/": "",
    "src?raw=true": "",
    "#below": "",
    "mailto:a@acme.example": "",
    "//acme.example/x": "",
    "../../issues": "",
    "{{ site.url }}/x.md": "",
    "${ROOT}/x.md": "",
    "ENGLISH_VERSION_URL": "",
    "CODE_OF_CONDUCT": "'CODE_OF_CONDUCT'",
    "<your file>.md": "",
    "src/Repo_config.py": "'src/Repo_config.py'",
    r"src/no\_config.py": r"'src/no\_config.py'",
    "src/repo_config.py:10": "'src/repo_config.py:10'",
    "src/it's.md": '"src/it\'s.md"',
}


@pytest.mark.parametrize(("target", "shown"), TARGETS.items())
def test_a_target_is_resolved_as_it_is_meant_and_shown_as_it_is_written(
    target: str, shown: str, tmp_path: Path
) -> None:
    texts = {"src/repo_config.py": "", "src/two words.py": "", "NOTES.md": f"[a]({target})\n"}
    expected = [f"NOTES.md:1:5: DOC008 link to {shown}, which is not tracked"] if shown else []
    assert found(tmp_path, {**texts}) == expected
