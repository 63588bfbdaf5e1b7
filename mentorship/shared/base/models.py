from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.codes import CODE_LENGTH, new_code


class TimestampedModel(models.Model):
    """Knows when it was made and last saved, by our clock."""

    created_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.updated_at = clock.now()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at"}
        super().save(*args, **kwargs)


class PublicModel(TimestampedModel):
    """Has a page: its address carries `code`, never its number."""

    code = models.CharField(
        _("code"), max_length=CODE_LENGTH, default=new_code, unique=True, editable=False
    )

    class Meta:
        abstract = True


class CacheEntry(models.Model):
    """The table of Django's DatabaseCache, made by a migration instead of `createcachetable`."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


class Heartbeat(models.Model):
    """When a named sweep last ran; `/readyz` tells from it whether beat and workers live."""

    name = models.CharField(max_length=100, primary_key=True)
    beat_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        """Note that the sweep `name` runs now."""
        cls.objects.update_or_create(name=name, defaults={"beat_at": clock.now()})
