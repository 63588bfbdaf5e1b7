import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

# What an authenticator app is given in tests.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of_app(secret: str = SECRET) -> str:
    """What an authenticator app with this secret shows at the moment."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
