"""A shop for tests."""
