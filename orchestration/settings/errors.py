"""The one error a wrong settings file or rule table gives."""

from pathlib import Path


class SettingsError(Exception):
    """Names the file, the key or line, and what is allowed there. The command line ends with exit code 2."""

    def __init__(self, file: Path, where: str, sentence: str) -> None:
        super().__init__(f"{file}: {where}: {sentence}" if where else f"{file}: {sentence}")
        self.file = file
        self.where = where
        self.sentence = sentence
