"""What a case is: loading, validating, the model, the expression grammar, the lint."""
