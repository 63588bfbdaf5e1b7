"""Model admins that show each person only what is theirs to see."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = ModelAdmin


class ListByCode(ChangeList):
    """Links to rows by their public code: numbers never stand in an address."""

    def url_for_result(self, result: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[result.code])


class ScopedAdmin(Base):
    """Rows come from the model's own `coordinated_by(user)`; nothing is deleted or logged here.

    Subclasses open adding or changing by `may_add` and `may_change`; fields owned by a move
    are never among the changeable ones. The audit log serves where Django's LogEntry would.
    """

    actions = None
    list_per_page = 25
    may_add = False
    may_change = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.coordinated_by(request.user)
        return rows

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        return self.get_queryset(request).filter(code=object_id).first()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ListByCode

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.get_queryset(request).exists() or self.has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change and self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_post_save_add(request, obj)

    def log_addition(self, *args: Any) -> None:  # type: ignore[override]
        """Nothing: the action wrote the audit log."""

    def log_change(self, *args: Any) -> None:  # type: ignore[override]
        """Nothing: the action wrote the audit log."""
