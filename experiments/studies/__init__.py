"""Studies: work on made-up or foreign data that nothing else imports.

Simulated viewers and the replica of the paper's pilot run through the product's own doors; the
pilot's note and historical tests judge counts that others have published or exported.
"""
