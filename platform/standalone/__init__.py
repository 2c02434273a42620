"""What lets Coverlift run on a bare machine: its own Postgres, processes and clips."""
