"""What buying and reading money need."""

from tortoise import migrations

from models.data_definition import DefineTables

INDEXES = [
    "CREATE INDEX purchase_by_status ON purchase (account_id, status)",
    "CREATE INDEX contact_of_freelancer ON contact (freelancer_id, id)",
]


class Migration(migrations.Migration):
    dependencies = [("connects", "0004_returns")]
    operations = [DefineTables(*INDEXES)]
