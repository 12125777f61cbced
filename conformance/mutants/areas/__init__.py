"""The mutants, by what they change of an engine."""
