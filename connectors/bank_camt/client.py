"""Where camt files come from: a folder. Banks' own pick-up (EBICS, SFTP) ends there, outside of this program."""

from connectors.core.drops import delivered_files

__all__ = ["delivered_files"]
