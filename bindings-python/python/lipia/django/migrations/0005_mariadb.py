"""Text that MariaDB compares byte for byte, as SQLite and PostgreSQL do, and the index that it cannot have with a condition."""

from django.db import migrations

from ..databases import compares_bytes, is_mariadb


def compare_bytes(apps, schema_editor):
    """Gives the tables a collation with which orders that differ in case, accents or blanks are not one. Both statements may run twice:
    MariaDB rolls no migration back that fails halfway."""
    if not is_mariadb(schema_editor.connection):
        return
    tables = {
        name: schema_editor.quote_name(apps.get_model("lipia", name)._meta.db_table)
        for name in ("Payment", "Callback", "Name", "Note")
    }
    for table in tables.values():
        schema_editor.execute(compares_bytes(table))
    columns = ", ".join(map(schema_editor.quote_name, ("shop", "owed_after")))
    schema_editor.execute(
        f"CREATE INDEX IF NOT EXISTS lipia_owed ON {tables['Payment']} ({columns})"
    )


class Migration(migrations.Migration):
    dependencies = [("lipia", "0004_signals")]

    operations = [
        # Not in a transaction: on MariaDB each of these statements commits.
        migrations.RunPython(compare_bytes, migrations.RunPython.noop, atomic=False)
    ]
