"""The commands of the command line, one file per group. Each file registers its commands on the application."""
