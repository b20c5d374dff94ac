"""`python -m services.cli` is the program `article20`; nothing else is here."""

from services.cli import main

if __name__ == "__main__":
    main()
