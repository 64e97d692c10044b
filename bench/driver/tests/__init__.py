"""Tests of the driver's own decisions. `make test-bench` runs them; they do not measure anything."""
