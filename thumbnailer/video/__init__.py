"""The video: a file is opened safely, decoded at a steady rate, measured, and parted into shots."""
