"""The peer's tables as models; Tortoise makes the tables from them."""

from tortoise import fields
from tortoise.models import Model


class Wallet(Model):
    id = fields.IntField(primary_key=True)
    available = fields.IntField()
    sequence = fields.IntField()

    class Meta:
        table = "wallet"


class Invitation(Model):
    id = fields.BigIntField(primary_key=True)
    wallet: fields.ForeignKeyRelation[Wallet] = fields.ForeignKeyField("textbook.Wallet")
    freelancer_id = fields.IntField()
    message = fields.TextField()
    connects = fields.IntField()
    status = fields.TextField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "invitation"


class Entry(Model):
    id = fields.BigIntField(primary_key=True)
    wallet: fields.ForeignKeyRelation[Wallet] = fields.ForeignKeyField("textbook.Wallet")
    sequence = fields.IntField()
    kind = fields.TextField()
    action = fields.TextField(null=True)
    connects = fields.IntField()
    available_after = fields.IntField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "entry"
        unique_together = (("wallet", "sequence"),)


class Idempotency(Model):
    key = fields.CharField(max_length=255, primary_key=True)
    outcome: fields.Field[dict[str, int]] = fields.JSONField()

    class Meta:
        table = "idempotency"
