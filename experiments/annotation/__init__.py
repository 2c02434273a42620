"""Builds a data set as the paper did: proposals from comments, judged by people."""
