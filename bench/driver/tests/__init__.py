"""What the driver decides by itself. `make test-bench` runs them; they measure nothing."""
