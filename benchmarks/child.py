"""The fresh process of `harness.peak_of`: `-m benchmarks.child MODULE:FUNCTION ARGUMENTS`."""

import importlib
import json
import sys

from benchmarks import harness


def main(where: str, arguments: str) -> None:
    module, name = where.split(":")
    function = getattr(importlib.import_module(module), name)
    harness.measure_from_here()
    result = function(*json.loads(arguments))
    print(json.dumps({"result": result, **harness.measured()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
