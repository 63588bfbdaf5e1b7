from django.db import migrations

WORKING, STRONG = 2, 3


def with_levels(offered, wanted):
    """The two lists as one of skills with levels, telling the matching exactly the same.

    Nobody was asked for levels. Whoever teaches a skill has a working knowledge of it, and
    whoever wants one wants at least that; who named it in both lists wants more than they have.
    """
    names = list(dict.fromkeys([*offered, *wanted]))
    return [
        {
            "name": name,
            "now": WORKING if name in offered else 0,
            "wanted": (STRONG if name in wanted else WORKING) if name in offered else WORKING,
            "teaches": name in offered,
        }
        for name in names
    ]


def forwards(apps, schema_editor):
    Profile = apps.get_model("programs", "Profile")
    told = Profile.objects.exclude(skills_offered=[], skills_wanted=[])
    for profile in told.iterator():
        profile.skills = with_levels(profile.skills_offered, profile.skills_wanted)
        profile.save(update_fields=["skills"])


def backwards(apps, schema_editor):
    Profile = apps.get_model("programs", "Profile")
    for profile in Profile.objects.exclude(skills=[]).iterator():
        profile.skills_offered = [one["name"] for one in profile.skills if one["teaches"]]
        profile.skills_wanted = [
            one["name"] for one in profile.skills if one["wanted"] > one["now"]
        ]
        profile.save(update_fields=["skills_offered", "skills_wanted"])


class Migration(migrations.Migration):
    dependencies = [("programs", "0007_invitations")]

    operations = [migrations.RunPython(forwards, backwards)]
