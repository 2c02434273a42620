"""The Coverlift site: settings, addresses, pages and API."""

__version__ = "0.9.0"
