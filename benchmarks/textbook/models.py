"""The tables as the contestant's models, with the columns that it needs.

Tortoise has no composite primary keys. For a table with one, a single column serves as the key, and
filters that name all of its columns find and update rows.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7


class User(Model):
    id = fields.UUIDField(primary_key=True)
    subject = fields.TextField()

    class Meta:
        table = "user"


class Account(Model):
    id = fields.UUIDField(primary_key=True)

    class Meta:
        table = "account"


class Membership(Model):
    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "textbook.Account", related_name="memberships"
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("textbook.User")

    class Meta:
        table = "membership"


class Freelancer(Model):
    account_id = fields.UUIDField(primary_key=True)

    class Meta:
        table = "freelancer"


class Job(Model):
    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("textbook.Account")
    account_id: UUID
    status = fields.TextField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "job"


class Invitation(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("textbook.Account")
    job: fields.ForeignKeyRelation[Job] = fields.ForeignKeyField("textbook.Job")
    freelancer: fields.ForeignKeyRelation[Freelancer] = fields.ForeignKeyField(
        "textbook.Freelancer"
    )
    message = fields.TextField()
    connects = fields.IntField()
    returnable = fields.IntField()
    status = fields.TextField()
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "invitation"


class CostRule(Model):
    effective_from = fields.BigIntField(primary_key=True)
    action = fields.TextField()
    account_kind = fields.TextField()
    connects = fields.IntField()
    chosen_by_payer = fields.BooleanField()
    maximum = fields.IntField(null=True)

    class Meta:
        table = "cost_rule"


class ReturnRule(Model):
    effective_from = fields.BigIntField(primary_key=True)
    reason = fields.TextField()
    percent = fields.IntField()

    class Meta:
        table = "return_rule"


class Wallet(Model):
    account: fields.OneToOneRelation[Account] = fields.OneToOneField(
        "textbook.Account", primary_key=True, related_name="wallet"
    )
    account_id: UUID
    account_kind = fields.TextField()
    available = fields.IntField()
    held = fields.IntField()
    sequence = fields.BigIntField()
    head_hash = fields.BinaryField()
    next_event_at = fields.BigIntField()
    next_return_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "wallet"


class Lot(Model):
    sequence = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.UUIDField()
    remaining = fields.IntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "lot"


class Entry(Model):
    sequence = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.UUIDField()
    kind = fields.TextField()
    connects = fields.IntField()
    available_after = fields.IntField()
    held_after = fields.IntField()
    action = fields.TextField(null=True)
    subject_id = fields.UUIDField(null=True)
    actor_id = fields.UUIDField(null=True)
    created_at = fields.BigIntField()
    prev_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        table = "entry"


class Draw(Model):
    lot_sequence = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.UUIDField()
    sequence = fields.BigIntField()
    connects = fields.IntField()

    class Meta:
        table = "draw"


class Idempotency(Model):
    key = fields.TextField(primary_key=True)
    user_id = fields.UUIDField()
    request_hash = fields.BinaryField()
    account_id = fields.UUIDField()
    sequence = fields.BigIntField()
    subject_id = fields.UUIDField()
    created_at = fields.BigIntField()

    class Meta:
        table = "idempotency"
