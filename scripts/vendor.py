"""Copy the browser files we ship out of node_modules, and write down their hashes.

For maintainers, after `npm ci` (`make vendor` does both). The result is committed, so that nobody
else needs Node and no page asks a foreign server for anything.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "static" / "vendor"
TESTS = ROOT / "tests" / "browser" / "vendor"

# Where each file comes from and where it goes.
FILES = {
    STATIC: {
        "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
        "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
        "bootstrap/LICENSE": "bootstrap/LICENSE",
    },
    TESTS: {
        "axe-core/LICENSE": "LICENSE",
        "axe-core/axe.min.js": "axe.min.js",
    },
}

# Such a comment names a file that is not here, and collectstatic then refuses the whole folder.
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


def main() -> int:
    if not MODULES.is_dir():
        print("There is no node_modules folder: run `npm ci` first.", file=sys.stderr)
        return 1
    for folder, files in FILES.items():
        sums = []
        for source, target in sorted(files.items(), key=lambda pair: pair[1]):
            path = folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in {".css", ".js"}:
                path.write_bytes(SOURCE_MAP.sub(b"\n", (MODULES / source).read_bytes()))
            else:
                shutil.copyfile(MODULES / source, path)
            sums.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {target}\n")
        (folder / "SHA256SUMS").write_text("".join(sums))
        print(f"{folder.relative_to(ROOT)}: {len(files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
