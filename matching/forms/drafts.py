from django import forms
from django.utils.translation import gettext_lazy

from matching.models import RunComment


class CommentForm(forms.ModelForm):
    """What somebody thinks of a draft."""

    class Meta:
        model = RunComment
        fields = ("text",)
        labels = {"text": gettext_lazy("What do you think of these matches?")}
        help_texts = {
            "text": gettext_lazy("The coordinators of the program read it, with your name.")
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
