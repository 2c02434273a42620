"""From a file to frames and one-second shots."""
