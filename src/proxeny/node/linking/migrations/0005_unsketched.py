import django.db.models.deletion
from django.db import migrations, models

# Where phrases are rated already, nobody knows from which report on: a relink looks at
# all of them once, and passes over those that are sketched.
FILL = """
INSERT INTO linking_unsketched (organisation_id, after, up_to)
SELECT organisation_id, 0, max(id) FROM selectors_holder
WHERE organisation_id IN (SELECT organisation_id FROM linking_phraserarity)
GROUP BY organisation_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('linking', '0004_said'),
        ('selectors', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Unsketched',
            fields=[
                ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='accounts.organisation')),
                ('after', models.BigIntegerField(default=0)),
                ('up_to', models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
