"""The field `entry` of everything that Connects pay for."""

from typing import Any

from schema.context import Info
from schema.members import for_members
from schema.types.lazy import LazyEntry
from schema.types.node import NODE_TYPES


@for_members("row.account_id")
async def paying_entry(self: Any, info: Info) -> LazyEntry | None:
    """The entry that charged the row's account for it; None where it was free."""
    loaders = info.context.services.loaders
    row = await loaders.paying_entries.load((self.row.account_id, self.row.id))
    entry: LazyEntry | None = NODE_TYPES["Entry"].make(row, info) if row else None
    return entry
