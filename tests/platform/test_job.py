"""Commands in containers: which engine is asked, for what, and what comes of its answers. The engines are stand-ins."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from flight_delays.platform import job
from flight_delays.platform.__main__ import main
from flight_delays.tests.conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOCKER = "Server Version: 28.0\nSecurity Options:\n  seccomp\n  Profile: builtin\n"
ROOTLESS_DOCKER = f"{DOCKER}  rootless\n"
PODMAN = "host:\n  cgroupControllers: [{}]\n  security:\n    rootless: {}\n"
OWN = ["--user=501:20"]
ALL = "cpu, memory, pids"
ENGINE = """\
#!/bin/sh
echo "$@" >> "{calls}"
case "$1" in
info) cat "{info}"; exit {answers};;
images) if [ -f "{folder}/built" ] && [ "$5" = "label=built-of=$(cat "{folder}/built")" ]; then echo 0123; fi;;
image) cat "{folder}/image"; exit {lost};;
build) for word; do
    case "$word" in built-of=*) echo "${{word#built-of=}}" > "{folder}/built";; esac
    last=$before; before=$word
  done
  echo 0123 > "$last"; echo building;;
run) exit {code};;
esac
"""


@pytest.fixture
def project(project: Path) -> Path:
    """Stand in a copy of the project that has a Dockerfile."""
    shutil.copytree(PROJECT / "infra", project / "infra", dirs_exist_ok=True)
    return project


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that puts a program in the place of an engine; it writes down how it was called."""
    folder = tmp_path / "engines"
    folder.mkdir()
    for name in ("sh", "cat", "sed", "git"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    for name in os.environ:
        if name.startswith(job.SERVER):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 501)
    monkeypatch.setattr(os, "getgid", lambda: 20)
    monkeypatch.setattr(sys, "platform", "linux")

    def put(name: str = "docker", info: str = DOCKER, answers: int = 0, code: int = 0, **more: object) -> Path:
        folder_of, lost = more.get("folder_of", "/app"), more.get("lost", 0)
        own = tmp_path / name
        own.mkdir(exist_ok=True)
        (own / "info").write_text(info, "utf-8")
        config = {"WorkingDir": folder_of, "Entrypoint": more.get("entry", ["flight-delays"])}
        (own / "image").write_text(json.dumps([{"Id": "0123", "Config": config}]), "utf-8")
        program, calls = folder / name, own / "calls"
        values = {"calls": calls, "info": own / "info", "answers": answers, "code": code, "folder": own, "lost": lost}
        program.write_text(ENGINE.format(**values), "utf-8")
        program.chmod(0o755)
        return calls

    return put


def called(calls: Path, word: str) -> list[str]:
    """Return the calls of an engine that begin with a word."""
    return [line for line in calls.read_text("utf-8").splitlines() if line.split()[0] == word]


def words_of(calls: Path) -> list[str]:
    """Return the words of the last run, without the name that each container has for itself."""
    words = called(calls, "run")[-1].split()
    return [word for word in words if not word.startswith(("--name=", "--hostname=", "--env=GIT_"))]


@pytest.mark.usefixtures("project")
def test_without_an_engine_it_is_said_what_to_install(
    engine: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["job"]) == 2
    assert capfd.readouterr().err == (
        "flight-delays: neither Docker nor Podman is installed: see https://docs.docker.com/get-started/get-docker/\n"
    )
    engine("docker", answers=1)
    assert main(["job"]) == 2
    assert (
        capfd.readouterr().err
        == "flight-delays: docker is installed and does not answer, so start it: it says nothing\n"
    )


@pytest.mark.usefixtures("project")
def test_podman_is_taken_where_docker_does_not_answer(engine: Callable[..., Path]) -> None:
    docker, podman = engine("docker", answers=1), engine("podman", PODMAN.format(ALL, "true"))
    assert main(["job"]) == 0
    assert (called(docker, "run"), len(called(podman, "run"))) == ([], 1)


def test_a_job_is_isolated_and_has_the_limits_of_production(engine: Callable[..., Path], project: Path) -> None:
    calls = engine()
    assert main(["job"]) == 0
    assert words_of(calls) == [
        "run",
        "--rm",
        *("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
        *("--memory=2g", f"--cpus={min(2, os.cpu_count() or 1)}", "--pids-limit=256"),
        *("--user=501:20", "--network=none"),
        *("--mount", f"type=bind,source={project}/outputs,target=/app/outputs"),
        *("0123", "run"),
    ]


@pytest.mark.parametrize(
    ("name", "info", "platform", "expected"),
    [
        pytest.param("docker", DOCKER, "linux", ["--user=501:20"], id="docker"),
        pytest.param("docker", ROOTLESS_DOCKER, "linux", ["--user=0:0"], id="rootless docker"),
        pytest.param("docker", DOCKER, "darwin", [], id="docker in a machine of its own"),
        pytest.param("podman", PODMAN.format(ALL, "true"), "linux", ["--userns=keep-id", *OWN], id="podman"),
        pytest.param("podman", PODMAN.format(ALL, "false"), "linux", OWN, id="podman of root"),
        pytest.param("docker", PODMAN.format(ALL, "true"), "linux", ["--userns=keep-id", *OWN], id="podman as docker"),
    ],
)
@pytest.mark.usefixtures("project")
def test_outputs_belong_to_whoever_runs_the_job(  # noqa: PLR0913 - what a case is made of
    engine: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    info: str,
    platform: str,
    expected: list[str],
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    calls = engine(name, info)
    assert main(["job"]) == 0
    assert [word for word in words_of(calls) if word.startswith("--user")] == expected


def test_nobody_is_root_in_a_container(
    engine: Callable[..., Path], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Path] = []
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, *_, **__: given.append(path))
    calls = engine()
    (project / "outputs").mkdir()
    (project / "outputs" / "mlflow.db").touch()
    assert main(["job"]) == 0
    assert "--user=1000:1000" in words_of(calls)
    assert [path.as_posix() for path in given] == ["outputs", "outputs/mlflow.db"]


def test_limits_that_cannot_be_kept_are_told(
    engine: Callable[..., Path], project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    compose = project / "infra" / "compose.yaml"
    compose.write_text(compose.read_text("utf-8").replace("mem_limit: 2g", "mem_limit: 8g"), "utf-8")
    calls = engine("podman", PODMAN.format("memory, pids", "true"))
    assert main(["job"]) == 0
    assert [word for word in words_of(calls) if word.startswith(("--mem", "--cpu", "--pids"))] == [
        "--memory=8g",
        "--pids-limit=256",
    ]
    assert "flight-delays: podman cannot limit cpu here: cpus is left out\n" in capfd.readouterr().err
    compose.write_text("services: []\n", "utf-8")
    assert main(["job"]) == 2
    assert "infra/compose.yaml has no service `pipeline` that can be read" in capfd.readouterr().err


def test_the_image_is_built_when_something_changed(
    engine: Callable[..., Path], project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    calls = engine()
    for count in (1, 1):
        assert main(["job", "predict"]) == 0
        assert len(called(calls, "build")) == count
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == (
        "",
        "flight-delays: docker builds the image, since something has changed\nbuilding\n",
    )
    (project / "project.yaml").touch()
    assert main(["job", "--build"]) == 0
    assert (len(called(calls, "build")), len(called(calls, "run"))) == (2, 2)
    assert "--file infra/Dockerfile --tag flight-delays" in called(calls, "build")[-1]


@pytest.mark.usefixtures("project")
def test_an_image_that_is_gone_is_told(engine: Callable[..., Path], capfd: pytest.CaptureFixture[str]) -> None:
    engine(lost=1)
    assert main(["job"]) == 2
    told = "flight-delays: docker built an image and does not find it again: is another builder set up?\n"
    assert capfd.readouterr().err.endswith(told)


@pytest.mark.usefixtures("project")
def test_an_image_without_an_entry_point_is_told_what_to_run(engine: Callable[..., Path]) -> None:
    calls = engine(entry=None)
    assert main(["job", "predict"]) == 0
    assert words_of(calls)[-3:] == ["0123", "flight-delays", "predict"]


def test_a_dockerfile_in_the_root_takes_over(engine: Callable[..., Path], project: Path) -> None:
    (project / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    calls = engine(folder_of="/srv")
    assert main(["job"]) == 0
    assert "--file Dockerfile " in called(calls, "build")[0]
    assert f"type=bind,source={project}/outputs,target=/srv/outputs" in words_of(calls)


def test_files_are_lent_under_names_of_the_container(
    engine: Callable[..., Path], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = engine()
    rows = tmp_path / "rows,new.csv"
    rows.touch()
    monkeypatch.chdir(project / "gates")
    assert main(["job", "predict", f"--input={rows}", "--output", "../outputs/scored.csv"]) == 0
    assert words_of(calls)[-9:] == [
        *("--mount", f"type=bind,source={project}/outputs,target=/app/outputs"),
        *("--mount", f'type=bind,"source={rows}","target=/inputs/0/rows,new.csv",readonly'),
        *("0123", "predict", "--input=/inputs/0/rows,new.csv", "--output", "outputs/scored.csv"),
    ]
    (project / "outputs" / "old.csv").touch()
    monkeypatch.chdir(project / "gates")
    assert main(["job", "trace", "a-1", "--file", "../outputs/old.csv"]) == 0
    assert words_of(calls)[-4:] == ["trace", "a-1", "--file", "outputs/old.csv"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["predict", "--input", "gone.csv"], "flight-delays: gone.csv is not there\n"),
        (["predict", "--output", "x.csv"], "flight-delays: x.csv is not in "),
    ],
)
def test_files_that_cannot_be_lent_are_refused(
    engine: Callable[..., Path], capfd: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    calls = engine()
    assert main(["job", *words]) == 2
    assert capfd.readouterr().err.startswith(told)
    assert not calls.exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", [["use", "a.csv", "--target", "b"], ["record"], ["checks", "check"], ["job", "run"]])
def test_what_is_about_the_project_itself_is_no_job(capfd: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["job", *words])
    assert ended.value.code == 2
    assert f"error: `{words[0]}` is about the project itself: run it without `job`\n" in capfd.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("address", "network"),
    [("", ["--network=none"]), ("http://mlflow.acme.example", []), ("http://127.0.0.1:5000", ["--network=host"])],
)
def test_only_a_server_of_runs_needs_a_network(
    engine: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, address: str, network: list[str]
) -> None:
    calls = engine()
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "not for the list of processes")
    if address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert main(["job"]) == 0
    words = words_of(calls)
    assert [word for word in words if word.startswith("--network")] == network
    assert "--env=MLFLOW_TRACKING_PASSWORD" in words


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("code", "expected", "told"),
    [
        (0, 0, ""),
        (1, 1, ""),
        (3, 3, ""),
        (125, 2, "flight-delays: docker could not run the container, and says above why\n"),
        (137, 137, "flight-delays: the container was killed, most likely at its limit of memory (2g): raise "),
    ],
)
def test_exit_codes_are_passed_on(
    engine: Callable[..., Path], capfd: pytest.CaptureFixture[str], code: int, expected: int, told: str
) -> None:
    engine(code=code)
    assert main(["job"]) == expected
    assert capfd.readouterr().err.partition("building\n")[2].startswith(told)


def test_what_a_killed_container_was_writing_is_removed(engine: Callable[..., Path], project: Path) -> None:
    calls = engine(code=137)
    outputs = project / "outputs" / "models"
    outputs.mkdir(parents=True)
    (outputs / ".other.skops.elsewhere-1").touch()
    program = calls.parent.parent / "engines" / "docker"
    writes = (
        'run) for word; do case "$word" in --hostname=*) echo > "outputs/models/.a.skops.${word#*=}-1";; esac; done;'
    )
    program.write_text(program.read_text("utf-8").replace("run)", writes), "utf-8")
    assert main(["job"]) == 137
    assert [path.name for path in outputs.iterdir()] == [".other.skops.elsewhere-1"]


def test_without_a_dockerfile_nobody_is_bothered_with_containers(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "\n  job " in capfd.readouterr().out
    (project / "infra" / "Dockerfile").unlink()
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "\n  job " not in capfd.readouterr().out
    assert main(["job"]) == 2
    assert capfd.readouterr().err == (
        "flight-delays: this project has no Dockerfile, because it was generated with `infrastructure: none`; "
        'get one with `uvx cruft update --variables-to-update \'{"infrastructure": "container"}\'`\n'
    )
