"""Analysis: what the counts mean.

Queries read the counts, the pure statistics in `stats` judge them, and the report says the result
in one record for text, JSON, API and page.
"""
