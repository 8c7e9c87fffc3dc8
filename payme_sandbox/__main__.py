"""`python -m payme_sandbox` is `payme-sidecar sandbox`."""

from payme_sandbox.cli import main

main()
