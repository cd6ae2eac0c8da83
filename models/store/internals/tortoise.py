"""Undocumented parts of Tortoise in use.

- The columns of a model, from `_meta`, to build statements and rows of its table.
- `construct` with `_saved_in_db`, which builds an instance from a row without checks, conversions
  and signals, several times faster than `_init_from_db`.
- The pools of its PostgreSQL clients, to replace lost connections.
- The planner of migrations. Its executor does not run them, see `models.migrate`.

`tests/models/store/internals/test_tortoise.py` fails if a release removes or changes one.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.fields.base import Field
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.models import Model

__all__ = [
    "BaseDBAsyncClient",
    "MigrationExecutor",
    "MigrationTarget",
    "column_of",
    "connect_models",
    "expire_connections",
    "fields_of",
    "key_column",
    "maker_of",
    "table_name",
]

M = TypeVar("M", bound=Model)


async def connect_models(config: dict[str, Any]) -> None:
    """Connects the models for all tasks: requests do not run in the lifespan's task."""
    await Tortoise.init(config=config, _enable_global_fallback=True)


def table_name(model: type[Model]) -> str:
    return str(model._meta.db_table)


def fields_of(model: type[Model]) -> Mapping[str, Field[Any]]:
    """Returns a model's fields by name, in order of declaration."""
    return model._meta.fields_map


def column_of(model: type[Model], field_name: str) -> str:
    """Returns the column of a field."""
    return model._meta.fields_db_projection[field_name]


def key_column(model: type[Model]) -> str:
    """Returns the column of the primary key."""
    return model._meta.db_pk_column


def maker_of(model: type[M]) -> Callable[..., M]:
    """Returns a function that builds a stored instance from raw field values."""
    return partial(model.construct, True)  # `_saved_in_db`


async def expire_connections(client: BaseDBAsyncClient) -> None:
    """Makes the client's pool replace all of its connections, each when next acquired."""
    pool: Any = getattr(client, "_pool", None)
    if pool is not None:
        await pool.expire_connections()
