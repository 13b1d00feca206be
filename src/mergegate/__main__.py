"""`python -m mergegate`."""

from mergegate.cli import main

if __name__ == "__main__":
    main()
