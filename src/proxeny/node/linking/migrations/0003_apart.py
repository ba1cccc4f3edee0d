"""Sides of what officers took apart; on SQLite a matter of minutes with millions held.

The statements below take no time: a table is made, an index dropped, decisions of
officers are read. But after any migration Django's SQLite checks every reference of
the whole database (`PRAGMA foreign_key_check`): 26.5 of 26.9 s of CPU at a million
reports. It can't be left out of one migration alone.
"""

import django.db.models.deletion
from django.db import migrations, models


def keep_apart(apps, schema_editor):
    """What was taken apart before stays apart."""
    apart = apps.get_model("linking", "Apart")
    holders = apps.get_model("linking", "Member").objects
    for decision in apps.get_model("linking", "Decision").objects.iterator():
        is_undone = decision.undone_at is not None
        if decision.verb == ("merge" if is_undone else "split"):
            for side, row in enumerate((decision.series_id, decision.other_id)):
                apart.objects.create(decision=decision, side=side, series_id=row)
        elif decision.verb == "add" and is_undone:
            apart.objects.create(
                decision=decision, side=0, series_id=decision.series_id
            )
            for holder in decision.moved.values():
                member = holders.filter(holder_id=holder).first()
                apart.objects.create(
                    decision=decision,
                    side=1,
                    holder_id=holder,
                    series_id=member and member.series_id,
                )


class Migration(migrations.Migration):

    dependencies = [
        ('linking', '0002_relinks'),
        ('selectors', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='decision',
            name='decision_holds_apart',
        ),
        migrations.CreateModel(
            name='Apart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.IntegerField()),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sides', to='linking.decision')),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='selectors.holder')),
                ('series', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='linking.series')),
            ],
        ),
        migrations.RunPython(keep_apart, migrations.RunPython.noop),
    ]
