"""Pins the hooks of generated projects to the newest versions of their tools, which no other tool does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).resolve().parent.parent / "{{cookiecutter.project_slug}}" / ".pre-commit-config.yaml"
# A virtual environment's Python is a link; its folder holds the programs.
UV = Path(sys.executable).with_name("uv")
PIN = re.compile(r"^( +- )([a-z0-9-]+)==(\S+)$", re.MULTILINE)


def newest(names: list[str]) -> dict[str, str]:
    """Ask the registry for versions that fit together on every Python that is supported."""
    command = [str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header", "-"]
    listed = subprocess.run(command, input="\n".join(names), stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", listed, re.MULTILINE))


def main() -> int:
    """Write the pins, and print those that changed."""
    text = CONFIG.read_text("utf-8")
    versions = newest([pin[2] for pin in PIN.finditer(text)])
    for pin in PIN.finditer(text):
        if versions[pin[2]] != pin[3]:
            print(f"{pin[2]}: {pin[3]} -> {versions[pin[2]]}")
    CONFIG.write_text(PIN.sub(lambda pin: f"{pin[1]}{pin[2]}=={versions[pin[2]]}", text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
