"""Two-sample tests: maximum mean discrepancy, permutation, ranking, pictures."""
