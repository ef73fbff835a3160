"""Run by the Python that LibreOffice brings: opens a workbook, types into cells, saves it as XLSX.

Arguments: soffice, the workbook, where to save it, a JSON list of (sheet, cell, kind, value); kinds are text, number,
formula, and locked for a number in a cell that the sheet protects.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno  # type: ignore[import-not-found]  # comes with LibreOffice
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]

PATIENCE_SECONDS = 90


def edit(desktop, source, target, edits):
    document = desktop.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, (PropertyValue("Hidden", 0, True, 0),))
    for name, cell, kind, value in edits:
        sheet = document.Sheets.getByName(name)
        if kind == "locked":
            sheet.unprotect("")
        place = sheet.getCellRangeByName(cell)
        if kind == "text":
            place.setString(value)
        elif kind == "formula":
            place.setFormula(value)
        else:
            place.setValue(value)
        if kind == "locked":
            sheet.protect("")
    document.storeToURL(Path(target).as_uri(), (PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0),))
    document.close(True)


def connected(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


def main(soffice, source, target, edits):
    with tempfile.TemporaryDirectory() as folder:
        pipe = Path(folder).name
        accept = f"--accept=pipe,name={pipe};urp;"
        profile = f"-env:UserInstallation={Path(folder).as_uri()}/profile"
        office = subprocess.Popen([soffice, "--headless", "--norestore", "--nologo", profile, accept])
        try:
            desktop = connected(pipe)
            edit(desktop, source, target, json.loads(Path(edits).read_text(encoding="utf-8")))
            desktop.terminate()
            office.wait(PATIENCE_SECONDS)
        finally:
            office.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
