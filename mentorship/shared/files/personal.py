"""What files that came and went hold of people."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.files.models import FilePart, StoredFile
from mentorship.shared.privacy.registry import (
    YOU,
    Held,
    Term,
    Told,
    deleted,
    impersonal,
    register,
)

register(
    Held(
        model=StoredFile,
        title=_("Files you brought or took"),
        person="owner",
        kept=Term(_("Some days; the file says until when.")),
        # its parts go with it
        erase=deleted(),
        fields={
            "name": Told(_("Find it again."), YOU),
            "kind": Told(_("Find it again."), YOU),
            "size": Told(_("Find it again."), YOU),
            "expires_at": Told(_("Keep nothing longer than needed."), YOU),
        },
        machinery=("code", "digest", "created_at", "updated_at"),
        others=("id",),
    ),
)

impersonal(_("Parts of files, which go with the file after days."), FilePart)
