"""Runs git in a work tree; paths mean themselves, and the environment's own repository stays the one it is."""

from __future__ import annotations

import os

from ml_checks.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# `subprocess` costs a sixth of a one-file run to import; where the system can spawn by itself we let it.
CAN_SPAWN = hasattr(os, "posix_spawnp")

# By these the environment says where a repository is, or how far up it may be; then git is asked, and not the folders.
PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
# These change what a path means on the command line; some editors set one for everything that they start.
_PATHSPECS = ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")
# Where git said that the repository of a root is, because the environment says so, in place of `.git` below the root.
folders: dict[str, str] = {}


class Command:
    """A git command that runs while we do other work."""

    _is_open = False

    def __init__(self, root: str, *args: str, stdin: bytes = b"") -> None:
        """Start `git ARGS` in `root`, with `stdin` (at most what a pipe holds, 64 kB) on its standard input.

        Raise CannotRunError where there is no git.
        """
        self._words, self._environment = ["git", "-C", root, *args], _environment(root)
        try:
            self._process = (_Spawned if CAN_SPAWN else _Popen)(self._words, self._environment, stdin)
        except OSError as error:
            msg = "git is not on the PATH; install it, the checks ask it which files are tracked"
            raise CannotRunError(msg) from error
        self._is_open = True

    def __del__(self) -> None:
        """Leave no process behind, not even one whose answer nobody wanted."""
        if self._is_open:
            self.output()

    def output(self) -> bytes | None:
        """Wait for the end and return what was printed; None where git failed."""
        self._is_open = False
        return self._process.output()

    def complaint(self) -> str:
        """Run a failed command once more and return git's own words, in English, and what to do."""
        import subprocess

        environment = {**self._environment, "LC_ALL": "C"}
        result = subprocess.run(
            self._words, env=environment, capture_output=True, check=False, text=True, errors="replace"
        )
        lines = result.stderr.strip().splitlines()
        told = f"git refuses: {lines[0] if lines else f'exit status {result.returncode}'}"
        if "dubious ownership" not in told:
            return told
        trust = "git config --global --add safe.directory"
        return f"{told}; if you trust it, `{trust} {self._words[2]}` says so"


class _Spawned:
    """A process by `posix_spawn`: standard input from a pipe, standard output to another, standard error to nowhere."""

    def __init__(self, words: list[str], environment: Mapping[str, str], stdin: bytes) -> None:
        child_input, to_child = os.pipe()
        self._end, child_output = os.pipe()
        os.write(to_child, stdin)
        os.close(to_child)
        from_pipe, to_pipe = (os.POSIX_SPAWN_DUP2, child_input, 0), (os.POSIX_SPAWN_DUP2, child_output, 1)
        to_nowhere = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        try:
            self._pid = os.posix_spawnp(words[0], words, environment, file_actions=[from_pipe, to_pipe, to_nowhere])
        except OSError:
            os.close(self._end)
            raise
        finally:
            os.close(child_input)
            os.close(child_output)

    def output(self) -> bytes | None:
        with open(self._end, "rb") as pipe:
            output = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        return None if status else output


class _Popen:
    """The same where the system cannot spawn."""

    def __init__(self, words: list[str], environment: Mapping[str, str], stdin: bytes) -> None:
        import subprocess

        self._stdin = stdin
        self._process = subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def output(self) -> bytes | None:
        output, _ = self._process.communicate(self._stdin)
        return None if self._process.returncode else output


def _environment(root: str) -> Mapping[str, str]:
    """Return the environment for a git that starts in a root: paths mean themselves, and the repository stays the same.

    Where it is may be said from the folder that we were started in.
    """
    if not any(map(os.environ.__contains__, (*PLACES, *_PATHSPECS))):
        return os.environ
    kept = dict(os.environ)
    for name in _PATHSPECS:
        kept.pop(name, None)
    return kept | (_places(kept) if root not in folders else {"GIT_DIR": folders[root], "GIT_WORK_TREE": root})


def _places(environment: Mapping[str, str]) -> dict[str, str]:
    """Return where the environment says that the repository is, whatever folder git is started in."""
    return {name: os.path.abspath(environment[name]) for name in PLACES[:2] if name in environment}
