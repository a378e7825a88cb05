"""Are the PDFs on the disk whole? `python -m lb.faults.papers FILESTORE`.

Reads what `check.PAPERS` says on standard input, prints what is wrong, line by line.
"""

import hashlib
import json
import sys
from pathlib import Path

from pypdf import PdfReader


def problems(store, facts):
    """Yield what is wrong, in words."""
    for name, fname, checksum in facts["files"] or ():
        path = store / fname
        if not path.exists():
            yield f"{name} is not on the disk"
        elif hashlib.sha1(path.read_bytes()).hexdigest() != checksum:
            yield f"{name} is not whole on the disk"
    for name, fname, bills in facts["prints"] or ():
        try:
            pages = len(PdfReader(store / fname).pages)
            wanted = sum(len(PdfReader(store / bill).pages) for bill in bills)
        except Exception as error:
            yield f"{name} cannot be read: {error}"
            continue
        if pages != wanted:
            yield f"{name} has {pages} pages, its {len(bills)} bills have {wanted}"
    if facts["twice"]:
        yield f"{facts['twice']} bills in two print files"


if __name__ == "__main__":
    for problem in problems(Path(sys.argv[1]), json.load(sys.stdin)):
        print(problem)
