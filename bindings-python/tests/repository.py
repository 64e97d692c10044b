"""Where the project is: the data that every language shares is found from there."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
