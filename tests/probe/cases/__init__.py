"""The functions of the probe, by topic."""
