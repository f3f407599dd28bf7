"""Holds against each other the models of project.yaml of which one reads the predictions of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .charter import Model


def check(models: Sequence[Model]) -> None:
    """Stop where a model reads one that is not there, that is about other rows, or that reads it in turn."""
    by_name = {model.name: model for model in models}
    for model in models:
        for name in model.reads:
            if name not in by_name:
                message = f"project.yaml: {model.name} reads {name!r}, which is no model here: {', '.join(by_name)} are"
                raise Stopped(message)
            for key in ("rows", "id", "split"):
                if getattr(by_name[name], key) != getattr(model, key):
                    message = (
                        f"project.yaml: {model.name} reads {name}, so both need the same {key}: "
                        "otherwise one learns from rows that the other is judged by"
                    )
                    raise Stopped(message)
    in_order(models, models)


def in_order(wanted: Sequence[Model], models: Sequence[Model]) -> list[Model]:
    """Return models such that each comes after those that it reads; stop at a circle."""
    by_name = {model.name: model for model in models}
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " reads ".join((*path[path.index(name) :], name))
            message = f"project.yaml: {circle}: no model can read its own predictions, so shorten one of the `reads`"
            raise Stopped(message)
        if name not in done:
            for other in by_name[name].reads:
                visit(other, (*path, name))
            done.append(name)

    for model in wanted:
        visit(model.name, ())
    return [by_name[name] for name in done if by_name[name] in wanted]
