"""The report: queries and statistics become one record, and the record a text or a document.

`reading` reads what is counted, `build` makes the record of it, `cache` holds that until something
changes, and `text` and `document` say it, by `formatting` and `sentences`.
"""
