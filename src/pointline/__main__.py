"""`python -m pointline` is the command line."""

from pointline.cli import main

if __name__ == "__main__":
    main()
