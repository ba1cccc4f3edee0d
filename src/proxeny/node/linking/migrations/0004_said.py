import django.db.models.deletion
from django.db import migrations, models

# One pass over the holders, and, where one of them names its source, one over the
# postings, each with a look-up by primary key: SQLite takes the sides of a CROSS JOIN
# in this order. 4,000,000 postings, two of three with a source, took 13 s of CPU.
ANY = "SELECT 1 FROM selectors_holder WHERE source <> '' LIMIT 1"
FILL = """
INSERT INTO linking_said (selector_id, source)
SELECT DISTINCT p.selector_id, h.source
FROM selectors_posting p CROSS JOIN selectors_holder h
WHERE h.id = p.holder_id AND h.source <> ''
"""


def note_said(apps, schema_editor):
    """What sources said before they have said."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ANY)
        if cursor.fetchone() is not None:
            cursor.execute(FILL)


class Migration(migrations.Migration):

    dependencies = [
        ('linking', '0003_apart'),
        ('selectors', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Said',
            fields=[
                ('pk', models.CompositePrimaryKey('selector_id', 'source', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=32)),
                ('selector', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='selectors.selector')),
            ],
        ),
        migrations.RunPython(note_said, migrations.RunPython.noop),
    ]
