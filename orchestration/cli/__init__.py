"""The command line. Every command imports what it needs when it runs, so that help and look-ups stay fast."""
