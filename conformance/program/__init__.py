"""What a case does: it compiles to Python whose lines are those of the YAML."""
