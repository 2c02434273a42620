"""Events: what happened, once each, and how often.

A beacon's batch passes the door (ingest), is checked against its tokens and written in one
statement; the rollup counts what came, and files carry events and counts out and in.
"""
