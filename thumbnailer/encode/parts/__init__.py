"""What several encoders need: the record of a format, colours, weights of errors, compiling."""
