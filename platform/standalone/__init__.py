"""All that Coverlift needs on a bare machine: its own Postgres, processes and clips."""
