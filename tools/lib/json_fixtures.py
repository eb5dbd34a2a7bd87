"""Writes messages in JSON as protobuf's own Python library has them. Run by tools/generate.

    json_fixtures.py FROM TO

Of each FROM/NAME.txt, a message in protobuf's text form whose first line names its type, it makes
TO/NAME.json, with the schema's names of fields, and TO/NAME.all.json with every field: on one line,
sorted by name.
"""

import json
import sys
from pathlib import Path

from google.protobuf import json_format, text_format

from usher.fixtures.v1 import shapes_pb2


def message_type(full_name):
    descriptor = shapes_pb2.DESCRIPTOR.message_types_by_name[full_name.rsplit(".", 1)[1]]
    return getattr(shapes_pb2, descriptor.name)


def line(message, with_all):
    fields = json_format.MessageToDict(
        message, preserving_proto_field_name=True, including_default_value_fields=with_all
    )
    # Python has the entries of a map in any order.
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False, sort_keys=True) + "\n"


def main(source, target):
    for path in sorted(Path(source).glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        name = text.splitlines()[0].lstrip("# ")
        message = text_format.Parse(text, message_type(name)())
        for ending, with_all in [(".json", False), (".all.json", True)]:
            (Path(target) / (path.stem + ending)).write_text(
                line(message, with_all), encoding="utf-8"
            )


main(sys.argv[1], sys.argv[2])
