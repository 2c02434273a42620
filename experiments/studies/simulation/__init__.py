"""Pure models of viewers who look and click."""
