from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from programs.models import Membership, User


class MembershipForm(forms.ModelForm):
    """A duty for somebody who has an account, named by their address."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)

    class Meta:
        model = Membership
        fields = ("program", "role")

    def clean_email(self) -> User:
        """The person who has proven this address."""
        email = self.cleaned_data["email"].lower()
        proven = EmailAddress.objects.filter(email=email, verified=True).values("user")
        user = User.objects.filter(pk__in=proven, email=email, is_active=True).first()
        if user is None:
            raise ValidationError(
                _("There is no account with this address. Ask the person to sign up first."),
                code="unknown",
            )
        return user
