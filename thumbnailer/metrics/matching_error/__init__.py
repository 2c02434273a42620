"""PME, the perceptual matching error of generated features: Eq. 8, exactly."""
