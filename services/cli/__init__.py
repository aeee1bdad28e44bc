"""The command line: one command, `entente`, for people and scripts."""
