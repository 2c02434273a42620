"""The site's database for Django: PostgreSQL, waited for no longer than a page may take."""
