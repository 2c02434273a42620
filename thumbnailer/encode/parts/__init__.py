"""Parts of several encoders: the record of a format, colours, weights of errors, compiling."""
