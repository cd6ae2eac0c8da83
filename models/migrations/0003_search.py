"""Full-text search of freelancers and jobs, and the indexes of their lists.

The database keeps the index up to date. Both databases use the Porter stemmer for English, do not
stem words of one or two letters, and have no stop words; punctuation only separates words
(`models.rules.searching`).
"""

from tortoise import migrations

from models.data_definition import DefineTables

ORDERS = [
    """
    CREATE INDEX freelancer_by_rating ON freelancer (COALESCE(rating, -1) DESC, account_id DESC)
    """,
    """
    CREATE INDEX freelancer_by_rate_up
        ON freelancer (COALESCE(hourly_rate_minor, 2147483648), account_id)
    """,
    """
    CREATE INDEX freelancer_by_rate_down
        ON freelancer (COALESCE(hourly_rate_minor, -1) DESC, account_id DESC)
    """,
]

ON_POSTGRES = [
    """
    CREATE TEXT SEARCH DICTIONARY connects_stem (TEMPLATE = snowball, LANGUAGE = porter)
    """,
    "CREATE TEXT SEARCH CONFIGURATION connects_english (COPY = pg_catalog.english)",
    """
    ALTER TEXT SEARCH CONFIGURATION connects_english
        ALTER MAPPING FOR asciiword, word WITH connects_stem
    """,
    r"""
    CREATE FUNCTION only_words(part text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(part, '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', ' ', 'g')
    """,
    # PostgreSQL would stem "js" to "j", which SQLite does not.
    r"""
    CREATE FUNCTION searchable(part text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector(
        'connects_english', regexp_replace(only_words(part), '\m[A-Za-z][A-Za-z]?\M', ' ', 'g')
    ) || to_tsvector(
        'pg_catalog.simple', regexp_replace(only_words(part), '\m\w\w\w+\M', ' ', 'g')
    )
    """,
    *(
        statement
        for table, text in (("freelancer", "overview"), ("job", "description"))
        for column, part in (
            ("search_title", "title"),
            ("search_head", "title || ' ' || skills::text"),
            ("search_all", f"title || ' ' || skills::text || ' ' || {text}"),
        )
        for statement in (
            f"""
            ALTER TABLE {table} ADD COLUMN {column} tsvector
                GENERATED ALWAYS AS (searchable({part})) STORED
            """,
            f"CREATE INDEX {table}_{column} ON {table} USING gin ({column})",
        )
    ),
    """
    CREATE INDEX freelancer_skills ON freelancer
        USING gin ((lower(skills::text COLLATE "C")::jsonb) jsonb_path_ops)
    """,
    """
    CREATE INDEX job_skills ON job
        USING gin ((lower(skills::text COLLATE "C")::jsonb) jsonb_path_ops)
    """,
]


def on_sqlite(table: str, key: str, text: str) -> list[str]:
    """An FTS5 index of `table`, a table of its skills, and the triggers that maintain both."""
    joined = "(SELECT group_concat(value, ' ') FROM json_each(new.skills))"
    fill = f"""
        INSERT INTO {table}_search (rowid, title, skills, {text})
        VALUES (new.search_row, new.title, coalesce({joined}, ''), new.{text});
        INSERT OR IGNORE INTO {table}_skill (skill, search_row)
        SELECT lower(value), new.search_row FROM json_each(new.skills);
    """
    clear = f"""
        DELETE FROM {table}_search WHERE rowid = old.search_row;
        DELETE FROM {table}_skill WHERE search_row = old.search_row;
    """
    return [
        f"""
        CREATE VIRTUAL TABLE {table}_search USING fts5(
            title, skills, {text}, tokenize = 'porter unicode61 remove_diacritics 0',
            prefix = '2 3 4')
        """,
        f"""
        CREATE TABLE {table}_skill (
            skill TEXT NOT NULL, search_row INTEGER NOT NULL, PRIMARY KEY (skill, search_row)
        ) STRICT, WITHOUT ROWID
        """,
        f"CREATE INDEX {table}_skill_of ON {table}_skill (search_row)",
        f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {fill} END",
        f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {clear} END",
        f"""
        CREATE TRIGGER {table}_search_update
            AFTER UPDATE OF search_row, {key}, title, skills, {text} ON {table}
        BEGIN {clear} {fill} END
        """,
    ]


class Migration(migrations.Migration):
    dependencies = [("connects", "0002_price_list")]
    operations = [
        DefineTables(*ORDERS),
        DefineTables(*ON_POSTGRES, only="postgres"),
        DefineTables(
            *on_sqlite("freelancer", "account_id", "overview"),
            *on_sqlite("job", "id", "description"),
            only="sqlite",
        ),
    ]
