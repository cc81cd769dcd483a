"""The scenes of tests/holes.py: each tries to get past a promise, and says whether it could."""
