"""What tests/end_to_end.py plays on a deployed stack, scene by scene."""
