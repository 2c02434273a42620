"""Migrations of the tables that are the site's own."""
