"""The marketplace's tables as Tortoise models: who there is, and what Connects paid for.

The tables themselves, with their checks, are made by `models/migrations`; a test compares the
two. The ledger's tables hold the values of `models.rules.facts` and have no models: only
`models.ledger.ledger` writes them. Instants are integers, see `models.rules.instants`.
"""

from functools import cache
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.rules.kinds import (
    AccountKind,
    InvitationStatus,
    JobStatus,
    ProposalStatus,
    PurchaseStatus,
)


class Row(Model):
    """A row made by its columns' values, which are kept as they are given.

    Tortoise checks and converts each of them, a third of all that a decision on a spend takes in
    Python. The tables have the checks, and the use cases give values of the columns' types.
    """

    class Meta:
        abstract = True

    def __init__(self, **values: Any) -> None:
        blank = _blank(type(self))
        if not values.keys() <= blank.keys():
            raise TypeError(f"{type(self).__name__} has no such columns: {values.keys() - blank}")
        self.__dict__.update(blank, _await_when_save={}, **values)


class User(Row):
    id = fields.UUIDField(primary_key=True)
    subject = fields.TextField()
    name = fields.TextField()
    email = fields.TextField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "user"


class Account(Row):
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharEnumField(AccountKind)
    name = fields.TextField()
    created_at = fields.BigIntField()

    class Meta:
        table = "account"


class Membership(Row):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    user_id = fields.UUIDField()
    created_at = fields.BigIntField()

    class Meta:
        table = "membership"


class Freelancer(Row):
    account_id = fields.UUIDField(primary_key=True)
    title = fields.TextField()
    overview = fields.TextField()
    skills = fields.JSONField[list[str]]()
    hourly_rate_minor = fields.IntField(null=True)
    hourly_rate_currency = fields.TextField(null=True)
    country = fields.TextField(null=True)
    rating = fields.FloatField(null=True)
    available_now = fields.BooleanField()
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "freelancer"


class Purchase(Row):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    user_id = fields.UUIDField()
    package_id = fields.UUIDField()
    quantity = fields.IntField()
    connects = fields.IntField()
    total_minor = fields.BigIntField()
    currency = fields.TextField()
    lifetime_months = fields.IntField()
    payment_method = fields.TextField()
    status = fields.CharEnumField(PurchaseStatus)
    created_at = fields.BigIntField()
    settled_at = fields.BigIntField(null=True)

    class Meta:
        table = "purchase"


class Job(Row):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    title = fields.TextField()
    description = fields.TextField()
    skills = fields.JSONField[list[str]]()
    budget_minor = fields.IntField(null=True)
    budget_currency = fields.TextField(null=True)
    status = fields.CharEnumField(JobStatus)
    connects = fields.IntField()
    returnable = fields.IntField(default=0)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "job"


class Proposal(Row):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    job_id = fields.UUIDField()
    cover_letter = fields.TextField()
    bid_minor = fields.IntField(null=True)
    bid_currency = fields.TextField(null=True)
    status = fields.CharEnumField(ProposalStatus)
    connects = fields.IntField()
    created_at = fields.BigIntField()

    class Meta:
        table = "proposal"


class Invitation(Row):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    job_id = fields.UUIDField()
    freelancer_id = fields.UUIDField()
    message = fields.TextField()
    connects = fields.IntField()
    returnable = fields.IntField(default=0)
    status = fields.CharEnumField(InvitationStatus)
    decline_reason = fields.TextField(null=True)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "invitation"


class Contact(Row):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    freelancer_id = fields.UUIDField()
    message = fields.TextField(null=True)
    connects = fields.IntField()
    created_at = fields.BigIntField()

    class Meta:
        table = "contact"


MODELS: tuple[type[Model], ...] = (
    User,
    Account,
    Membership,
    Freelancer,
    Purchase,
    Job,
    Proposal,
    Invitation,
    Contact,
)
"""In an order in which rows can be inserted: what is referred to stands first."""


@cache
def _blank(model: type[Model]) -> dict[str, Any]:
    """The attributes of a new row of `model` without values: its columns' defaults."""
    defaults = {name: field.default for name, field in model._meta.fields_map.items()}
    return {**defaults, "_partial": False, "_saved_in_db": False, "_custom_generated_pk": True}
