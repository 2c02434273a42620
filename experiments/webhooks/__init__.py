"""Webhooks: what happens here, told to addresses of other sites (docs/webhooks.md)."""
