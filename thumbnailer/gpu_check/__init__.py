"""The check of a GPU: what can only be tried on one, in five minutes and without anybody there."""
