"""Where spreadsheets come from: a folder that someone fills. There is no one to ask over the network."""

from connectors.core.drops import delivered_files

__all__ = ["delivered_files"]
