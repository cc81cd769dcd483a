"""What tests/sql_dialect.py checks: every question of this repository is Trino's SQL, and means the same everywhere."""
