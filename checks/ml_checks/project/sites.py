"""Sites: what generators of documentation make of the links of their pages, as far as the repository tells."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property

from ml_checks.reading.git import ignored
from ml_checks.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ml_checks.project.project import Project
    from ml_checks.values import Text

# What a target holds that is filled in when the page is built, or by its reader.
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|\$\(|[<>{}]|^[A-Z_]+_(?:HREF|LINK|PATH|URL)$")
# Files that a generator takes as they are written. A page (`.md`) is a source; one without a suffix, or with `.html`,
# is where the generator puts it: that depends on slugs, ids, versions and plugins, and nobody else can know.
_SOURCES = frozenset(["md", "mdx", "markdown", "qmd", "rmd", "ipynb", "rst"])
_ASSETS = frozenset(
    ["avif", "bib", "csv", "drawio", "gif", "ico", "jpeg", "jpg", "json", "mp4", "pdf", "png", "py", "r", "sh", "sql",
     "svg", "toml", "tsv", "txt", "webm", "webp", "yaml", "yml", "zip"]
)  # fmt: skip
# A folder of a language, and one of translations for Docusaurus.
_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][A-Za-z]{2,4})?/")
_I18N = re.compile(r"i18n/[^/]+/docusaurus-plugin-content-docs/(?:(?P<current>current/)|(?=version-))")
_HTML = re.compile(r"\.html?$")


class Generator(Record):
    """How a generator lays out a site: folders of its pages, and folders beside them that `/` may mean as well.

    `looks_up` where it searches from its roots too for what is not beside the page.
    """

    pages: tuple[str, ...] = ("",)
    roots: tuple[str, ...] = ()
    looks_up: bool = False


_IN_SRC = Generator(("src", "content", "docs", "pages", "app", "blog", "posts"), ("public", "static", "src"))
# Sources: Docusaurus "Markdown links" and "Static assets"; MkDocs "Writing your docs"; MyST-Parser "Cross-references";
# Hugo "Directory structure"; Jekyll "Directory structure"; Astro "Project structure"; VitePress "Asset handling" and
# "Routing"; Quarto "Websites"; GitBook "Content configuration"; mdBook "book.toml".
_DOCUSAURUS = Generator(roots=("docs", "static", "src/pages"), looks_up=True)
_HUGO = Generator(("content", "docs", "exampleSite"), ("content", "static", "assets"), looks_up=True)
_VITEPRESS = Generator(roots=("public", "src"))
_MKDOCS, _PLAIN = Generator(), Generator()
_BY_NAME = {
    **dict.fromkeys(["docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs"], _DOCUSAURUS),
    **dict.fromkeys(["docusaurus.config.cjs", "docusaurus.config.mts"], _DOCUSAURUS),
    **dict.fromkeys(["mkdocs.yml", "mkdocs.yaml", "zensical.toml"], _MKDOCS),
    **dict.fromkeys(["conf.py"], _PLAIN),
    **dict.fromkeys(["myst.yml", "_toc.yml", "_config.yml", "_config.yaml", "_quarto.yml", "_quarto.yaml"], _PLAIN),
    **dict.fromkeys(["_toctree.yml", ".gitbook.yaml", "docs.json", "mint.json", "_sidebar.md", "antora.yml"], _PLAIN),
    **dict.fromkeys(["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"], _HUGO),
    **dict.fromkeys(["config.toml", "config.yaml", "config.yml"], _HUGO),
    **dict.fromkeys([f"astro.config.{suffix}" for suffix in ("mjs", "js", "ts", "mts", "cjs")], _IN_SRC),
    **dict.fromkeys([f"gatsby-config.{suffix}" for suffix in ("js", "ts", "mjs")], _IN_SRC),
    **dict.fromkeys([f"next.config.{suffix}" for suffix in ("js", "ts", "mjs")], _IN_SRC),
    **dict.fromkeys([f"nuxt.config.{suffix}" for suffix in ("js", "ts", "mjs")], _IN_SRC),
    **dict.fromkeys([".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "pelicanconf.py"], _PLAIN),
    "book.toml": Generator(("src",)),
}
# A folder of its own in that of the site, for the configuration.
_FOLDERS = {".vitepress": _VITEPRESS, ".vuepress": _VITEPRESS, "config/_default": _HUGO}
_FOLDER = re.compile(r"/(\.vitepress|\.vuepress|config/_default)/(?:config|hugo|config/index)\.\w+$")
CONFIGURATION_SIZE = 100_000
# What a file of a common name has to say to be the configuration of a site.
_SAYS = {
    "conf.py": re.compile(r"(?m)^(?:extensions|html_theme|master_doc|source_suffix)\b"),
    **dict.fromkeys(["config.toml", "config.yaml", "config.yml"], re.compile(r"(?mi)^(?:baseurl|base_url|theme)\b")),
    "docs.json": re.compile(r'"(?:navigation|tabs)"'),
}
_DOCS_DIR = re.compile(r"(?m)^docs_dir:[ \t]*[\"']?([^\s\"'#]+)")
# Plugins that write pages which are in no repository.
_WRITES_PAGES = re.compile(
    r"gen-files|gen_pages|literate-nav|mkapi|mkdocs-api|auto-?api|auto-?summary|apidoc|sphinx.gallery|sphinx_gallery|"
    r"typedoc|openapi|redoc|monorepo|multirepo|quartodoc|hooks:|remote-content|getting-started-generator"
)


class Site(Record):
    """A site, as its generator lays it out: its folder, and whether a plugin writes pages of it."""

    folder: str
    pages: tuple[str, ...]
    roots: tuple[str, ...]
    looks_up: bool
    writes_pages: bool


class Sites:
    """The sites of a repository, asked about links that lead to no file as they stand."""

    def __init__(self, project: Project) -> None:
        """Take the repository."""
        self._project = project

    def broken(self, missing: Iterable[tuple[Text, str]]) -> Iterator[Text]:
        """Yield the links that lead nowhere for certain; the path of each is not there, read as that of a file."""
        doubted = [one for one in missing if self._is_broken(*one)]
        made = ignored(self._project.root, [path for _, path in doubted])
        yield from (link for link, path in doubted if not self._is_built(link.path, path, made))

    def _is_built(self, page: str, path: str, made: set[str]) -> bool:
        """Tell whether a file comes with the build of the page's site, and git ignores it for that."""
        return path in made and self._site_of(page) is not None

    def _is_broken(self, link: Text, path: str) -> bool:
        if _TEMPLATE.search(link) or self._is_in_english(path):
            return False
        site, target = self._site_of(link.path), _plain(link)
        if site is None:
            return not self._is_elsewhere(path, target)
        if not self._is_file(site, target) or self._is_written(site, path) or _is_part(link.path):
            return False
        return not any(map(self._is_there, self._places(site, link.path, target)))

    def _is_written(self, site: Site, path: str) -> bool:
        """Tell whether a plugin may write a file."""
        return site.writes_pages and posixpath.dirname(path) not in self._project.folders

    def _is_in_english(self, path: str) -> bool:
        """Tell whether a page that nobody has translated is there in English: many sites show that one."""
        other = _I18N.sub(lambda match: "docs/" if match["current"] else "versioned_docs/", path, count=1)
        return self._is_there(other) or self._is_there(_LANGUAGE.sub("/en/", f"/{path}", count=1)[1:])

    def _is_elsewhere(self, path: str, target: str) -> bool:
        """Tell whether a page outside of a site links to what a site has: it may be included, or a translation."""
        if target in self._labels or self._is_there(_source(path)):
            return True
        places = [_join(root, target.strip("/")) for root in self._all_roots] if target.startswith("/") else []
        return any(self._is_there(place) or self._is_page(place) for place in places)

    def _is_page(self, place: str) -> bool:
        """Tell whether there is a page at an address without a suffix."""
        return any(f"{place}.{suffix}" in self._project.tracked for suffix in _SOURCES)

    @cached_property
    def _all_roots(self) -> list[str]:
        return [root for site in self._sites for root in (*site.roots, *site.pages)]

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(label for page in self._project.pages for label in page.plain("labels"))

    def _site_of(self, page: str) -> Site | None:
        """Return the innermost site that a page is in."""
        holding = [site for site in self._sites if any(_holds(folder, page) for folder in site.pages)]
        return max(holding, key=lambda site: len(site.folder), default=None)

    @cached_property
    def _sites(self) -> tuple[Site, ...]:
        return tuple(self._found())

    def _found(self) -> Iterator[Site]:
        """Yield each site, which its configuration gives away."""
        for path in self._project.paths:
            folder, _, name = path.rpartition("/")
            if place := _FOLDER.search(f"/{path}"):
                yield self._site(path, path[: place.start()].rstrip("/"), _FOLDERS[place[1]])
            elif name in _BY_NAME and self._is_of_a_site(path, folder, name):
                yield self._site(path, folder, _BY_NAME[name])

    def _site(self, path: str, folder: str, generator: Generator) -> Site:
        """Return the site in a folder whose configuration has a path."""
        text = self._text(path)
        pages = generator.pages
        if generator is _MKDOCS:
            named = _DOCS_DIR.search(text)
            pages = (named[1] if named else "docs",)
        places, roots = (tuple(_join(folder, inner) for inner in inners) for inners in (pages, generator.roots))
        return Site(folder, places, roots, generator.looks_up, bool(_WRITES_PAGES.search(text)))

    def _text(self, path: str) -> str:
        return self._project.first_lines(path, CONFIGURATION_SIZE)

    def _is_of_a_site(self, path: str, folder: str, name: str) -> bool:
        """Tell whether a file is what its name says: others have configurations of the same name."""
        if name.startswith("config.") and _join(folder, "content") not in self._project.folders:
            return False
        return name not in _SAYS or bool(_SAYS[name].search(self._text(path)))

    def _is_file(self, site: Site, target: str) -> bool:
        """Tell whether the generator takes a target for a file, as far as it is known where files lie."""
        suffix = _suffix(target)
        if suffix in _SOURCES:
            return True
        if suffix not in _ASSETS:
            return False
        # From the site's root: only where the folder is known that becomes the root.
        return not target.startswith("/") or any(root in self._project.folders for root in site.roots)

    def _places(self, site: Site, page: str, target: str) -> Iterator[str]:
        """Yield where a file may lie that a page of a site links to."""
        bare = target.lstrip("/")
        if bare == target:
            yield _join(posixpath.dirname(page), bare)
            yield _join(posixpath.splitext(page)[0], bare)  # from the address that the page gets
        if bare != target or (site.looks_up and not bare.startswith(".")):
            bare = bare.removeprefix("@site/")
            for root in _roots(site, page):
                yield _join(root, bare)
                yield _join(root, bare.partition("/")[2])  # behind the address of the site

    def _is_there(self, path: str) -> bool:
        return path in self._project.tracked or path in self._project.folders


def _source(path: str) -> str:
    """Return the page whose output a path is on GitHub Pages, without any configuration."""
    return _HTML.sub(".md", path)


def _suffix(path: str) -> str:
    return posixpath.splitext(path)[1][1:].lower()


def _is_part(page: str) -> bool:
    """Tell whether other pages include a page, which then has their place."""
    return posixpath.basename(page).startswith("_")


def _roots(site: Site, page: str) -> Iterator[str]:
    """Yield what `/` may mean: a folder around the page, for a version or a language of its own; or one beside them."""
    yield from (*site.roots, *site.pages, site.folder, "")
    folder = posixpath.dirname(page)
    while folder and folder != site.folder:
        yield folder
        folder = posixpath.dirname(folder)


def _plain(target: str) -> str:
    """Return the path in a target as it is meant."""
    from urllib.parse import unquote

    from ml_checks.reading.markdown import meant

    return unquote(meant(target).partition("#")[0].partition("?")[0])


def _holds(folder: str, path: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _join(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined
