"""Events: what happened, once each, and how often.

A beacon's batch passes the door (ingest), is checked against its tokens and written in one
statement. The rollup counts what came by every measure of the list (experiments/measures.py), the
recount counts history, and files carry events and counts out and in.
"""
