"""Fields that return an attribute of their object's row.

Generated functions (`serving.execution.generated`) read such attributes without a call per field,
which saves 5 µs for twenty entries.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

_PATH: Final = "attribute_path"


def attribute(path: str) -> Callable[[Any], Any]:
    """Returns a resolver for the attribute `path` of its object, such as "row.sequence".

    The field's annotation determines its type. For an enum, the row may hold the plain string.
    """
    read = attrgetter(path)
    # Has no name or annotation of its own, which the field would take for the value's type.
    resolver: Callable[[Any], Any] = lambda self: read(self)  # noqa: E731, PLW0108
    setattr(resolver, _PATH, path)
    return resolver


def path_of(resolver: Callable[..., Any]) -> str | None:
    """Returns the attribute path of a resolver created by `attribute`, else None."""
    path: str | None = getattr(resolver, _PATH, None)
    return path
