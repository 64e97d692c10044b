"""The measurements. Each module has ``measure(run)``, which returns a section of the report, and a
docstring that says what is measured.
"""
