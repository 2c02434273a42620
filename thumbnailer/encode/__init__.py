"""From chosen shots to files: frames are cut out once, then encoded in every format.

Each file has the best quality that its budget of bytes allows.
"""
