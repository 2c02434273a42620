"""The report: queries and statistics become one record, and the record a text or a document.

`build` makes the record, `kept` keeps it until something changes, and `text` and `document` say it.
"""
