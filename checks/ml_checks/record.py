"""Named tuples, without what `typing` and `namedtuple` cost at import: a tenth and a twentieth of a one-file run."""

from __future__ import annotations

__all__ = ["Record"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple as Record
    from typing import Self
else:
    from operator import itemgetter

    class Record(tuple):
        """A tuple whose annotated names are its items, in order; it behaves as `typing.NamedTuple` does."""

        __slots__ = ()

        def __init_subclass__(cls) -> None:
            """Give each annotated name its item."""
            cls._fields = cls.__match_args__ = tuple(cls.__annotations__)
            cls._field_defaults = {name: vars(cls)[name] for name in cls._fields if name in vars(cls)}
            cls._size = len(cls._fields)
            for index, name in enumerate(cls._fields):
                setattr(cls, name, property(itemgetter(index)))

        def __new__(cls, *items: object, **named: object) -> Self:
            """Build it from its items in order, by their names, or both; raise TypeError."""
            if len(items) != cls._size or named:
                items = cls._filled(items, named)
            return tuple.__new__(cls, items)

        @classmethod
        def _filled(cls, items: tuple[object, ...], named: dict[str, object]) -> tuple[object, ...]:
            """Return all items in order: those without a name, those with one, and defaults."""
            rest = cls._fields[len(items) :]
            known = {**cls._field_defaults, **named}
            missing = [name for name in rest if name not in known]
            unknown = [name for name in named if name not in rest]
            if missing or unknown or len(items) > cls._size:
                raise TypeError(cls._misfit(len(items), missing, unknown))
            return (*items, *(known[name] for name in rest))

        @classmethod
        def _misfit(cls, number: int, missing: list[str], unknown: list[str]) -> str:
            """Return why these are not the items."""
            got = f"{cls.__name__}({', '.join(cls._fields)}) got {number} items without a name"
            if missing:
                return f"{got}; missing {missing}"
            return f"{got}; given twice or unknown {unknown}" if unknown else got

        @classmethod
        def _make(cls, items: Iterable[object]) -> Self:
            """Build it from any iterable of its items; raise TypeError."""
            return cls(*items)

        def _replace(self, **named: object) -> Self:
            """Return the same with other items under these names; raise TypeError."""
            return type(self)(**{**self._asdict(), **named})

        def _asdict(self) -> dict[str, object]:
            """Return the items under their names."""
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            """Return what would build it."""
            return f"{type(self).__name__}({', '.join(f'{name}={item!r}' for name, item in self._asdict().items())})"

        def __getnewargs__(self) -> tuple[object, ...]:
            """Return what copies and pickles build it from."""
            return tuple(self)
