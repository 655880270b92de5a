"""What several rules share: expressions, truth contexts, guards, test cases."""
