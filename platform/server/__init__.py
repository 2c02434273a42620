"""The Coverlift site: settings, addresses, pages and API."""
