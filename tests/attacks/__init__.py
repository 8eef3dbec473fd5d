"""The attack corpus: one module for each kind of attack, each made into files by `tests.build_assets`."""
