"""Everything that is generated, by one command: `python -m devstack.generate [--check]`.

Golden files of the contracts' examples, `docs/contracts`, the internal API's OpenAPI document, and what the documents
say of the services. With `--check`
nothing is written: exit code 1 names each file that is not current.
"""

import argparse
import subprocess
import sys

import contracts.generate
from devstack.declared import documents
from devstack.services import CHECKOUT
from devstack.stack import load_specs
from gateway.web import openapi
from gateway.web.api import DOCUMENT_PATH, ROUTES

REMEDY = "Run `make generate` and commit what it writes."


def main() -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m devstack.generate", description="Everything that is generated")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not current")
    check = parser.parse_args().check
    if not check:
        subprocess.run([sys.executable, CHECKOUT / "tests/contracts/examples.py"], check=True)
    wanted = {
        **documents(load_specs()),
        CHECKOUT / "docs/internal_api/openapi.json": openapi.text(ROUTES, DOCUMENT_PATH),
    }
    stale = {page: text for page, text in wanted.items() if not page.exists() or page.read_text("utf-8") != text}
    for page, text in stale.items():
        if check:
            sys.stderr.write(f"{page}: not current\n")
        else:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8")
    if check and stale:
        sys.stderr.write(f"{REMEDY}\n")
    return max(contracts.generate.main(["--check"] if check else []), int(check and bool(stale)))


if __name__ == "__main__":
    sys.exit(main())
