"""Commands that an operator gives to the site as a whole."""
