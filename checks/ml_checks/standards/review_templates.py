"""Where hosts find the text that a new pull request or merge request begins with."""

from __future__ import annotations

# Sources: GitHub's page "Creating a pull request template for your repository", Azure's "Improve pull request
# descriptions with templates", GitLab's "Description templates". Others, which authors pick by hand, bind nobody.
NAMES = frozenset(["pull_request_template.md", "pull_request_template.txt"])
FOLDERS = frozenset(["", ".azuredevops", ".github", ".vsts", "docs"])
GITLAB = (".gitlab/merge_request_templates", "default.md")
# What each host calls such a request, and where to begin a template.
OFFERED = {
    "GitHub": ("pull requests", ".github/pull_request_template.md"),
    "GitLab": ("merge requests", ".gitlab/merge_request_templates/Default.md"),
}


def kind_of(path: str) -> str:
    """Return which kind of template the path is of a file that a host puts into each new request; empty for others."""
    folder, _, name = path.lower().rpartition("/")
    if name in NAMES and folder in FOLDERS:
        return "github_templates"  # or Azure's, which looks in other folders and else does the same
    return "gitlab_templates" if (folder, name) == GITLAB else ""
