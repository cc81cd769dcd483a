"""Whether the policies of the deployed roles allow what the programs do, and nothing that they do not do.

tests/end_to_end.py records every call; `proof` holds the calls against the policies by the rules of `policy`.
"""
