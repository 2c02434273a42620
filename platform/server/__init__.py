"""The Coverlift site: settings, addresses, pages and API."""

__version__ = "0.10.0"
