"""Other people's verifiers on the same badge in the same run. Installed by the benchmark itself, under `.bench/`."""
