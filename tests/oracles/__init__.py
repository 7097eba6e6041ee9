"""Independent references for derivatives. Nothing here imports the package under test."""
