"""Model admins that show each person only what is theirs to see."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, Model, QuerySet
from django.forms import Field as FormField
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, register_converter, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from mentorship.shared.base.codes import CodeConverter

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = ModelAdmin


register_converter(CodeConverter, "public_code")


# What Django's own filters put into addresses.
_LOOKUPS = frozenset({"", "exact", "in", "isnull", "gte", "lt"})
_LONGEST_SEARCH = 100


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

    def get_urls(self) -> list[URLPattern]:
        """List, add and change, by code. History has a page of ours, and nothing is deleted."""
        stock = {url.name.rsplit("_", 1)[1]: url for url in super().get_urls() if url.name}
        change = stock["change"]
        return [
            stock["changelist"],
            stock["add"],
            path("<public_code:object_id>/change/", change.callback, name=change.name),
        ]

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """Without the small links beside a choice: they name the chosen row by its number."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            if field and hasattr(field.widget, f"can_{link}_related"):
                setattr(field.widget, f"can_{link}_related", False)
        return field

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, extra_context)

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> HttpResponse:
        raise Http404

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.coordinated_by(request.user)
        return rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the page offers as a filter: any other would let one guess hidden columns."""
        field, _, how = lookup.partition("__")
        return field in self.list_filter and how in _LOOKUPS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term[:_LONGEST_SEARCH])

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        return self.get_queryset(request).filter(code=object_id).first()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ListByCode

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether there is anything to see or to add; Django asks it many times a page."""
        told: dict[type[Model], bool] = request.__dict__.setdefault("_records_to_see", {})
        if self.model not in told:
            told[self.model] = self.get_queryset(request).exists() or self.has_add_permission(
                request
            )
        return told[self.model]

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
