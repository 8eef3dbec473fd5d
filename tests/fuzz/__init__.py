"""Fuzzing of everything that reads bytes of strangers: only `VerifierError` may come out, and nothing of `verify`.

    make fuzz                                  every target, FUZZ_SECONDS each (60 by default)
    python -m tests.fuzz verify_signed 600     one target for ten minutes

`targets` needs nothing beyond the verifier, so that the ordinary tests replay `corpus/` with it. Only `__main__` needs
atheris (`pip install '.[fuzz]'`), which looks for inputs that reach new lines.
"""
