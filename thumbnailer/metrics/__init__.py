"""The paper's two measures of chosen shots: PS, by comments, and PME, by features."""
