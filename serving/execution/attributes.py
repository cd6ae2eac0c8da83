"""Fields that only hand out an attribute of their object's row.

Generated functions (`serving.execution.generated`) read such attributes without a call for each,
which saves 5 µs for twenty entries.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

_PATH: Final = "attribute_path"


def attribute(path: str) -> Callable[[Any], Any]:
    """A resolver that gives the attribute `path` of its object, such as "row.sequence".

    The field's own annotation says which type it has. For an enum, the row may hold the plain word.
    """
    read = attrgetter(path)
    # Without a name and an annotation of its own, which the field would take for the value's type.
    resolver: Callable[[Any], Any] = lambda self: read(self)  # noqa: E731, PLW0108
    setattr(resolver, _PATH, path)
    return resolver


def path_of(resolver: Callable[..., Any]) -> str | None:
    """The path of the attribute that a resolver gives, where it was made by `attribute`."""
    path: str | None = getattr(resolver, _PATH, None)
    return path
