"""The course: chapters as data, answers judged by the rules and the prover."""
