"""What `bench/extract.py` measures, and with which contestants."""
