"""Signatures of messages: an HMAC over time and body, so that neither can be forged or replayed.

The header is `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` by the webhook's
secret; the scheme is Stripe's (https://docs.stripe.com/webhooks#verify-manually).
"""

import hashlib
import hmac

HEADER = "Coverlift-Signature"


def signature(secret: str, body: bytes, at_s: int) -> str:
    """Return the header of a body that is sent at a second (Unix time)."""
    signed = b"%d." % at_s + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"
