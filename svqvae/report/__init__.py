"""The one self-contained page that people read."""
