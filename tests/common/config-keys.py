#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The keys that the code reads, those of ucupdates.conf(5) and those of data/ucupdates.conf.

    tests/common/config-keys.py SOURCE_ROOT

All three have the same keys with the same defaults.
"""

import pathlib
import re
import sys


def read_code(text):
    table = text[text.index("uc_config_keys[] = {"):]
    table = table[:table.index("};")]
    row = re.compile(r'\{"(\w+)",\s*"(\w+)",\s*\w+,\s*[^,]+,\s*[^,]+,\s*"([^"]*)"\}')
    keys = {f"[{group}] {key}": default for group, key, default in row.findall(table)}
    if len(keys) != table.count("UC_CONFIG_"):
        raise SystemExit("Bail out! the table in common/uc-config.c cannot be read")
    return keys


def read_man(text):
    keys, group = {}, None
    for line in text.splitlines():
        if line.startswith(".SH "):
            group = line[4:].strip()
        found = re.match(r'\.BR (\w+)= "\s*\(.*default: (.*)\)"$', line)
        if found is not None:
            default = found.group(2)
            keys[f"{group} {found.group(1)}"] = "" if default == "empty" else default
    return keys


def read_example(text):
    keys, group = {}, None
    for line in text.splitlines():
        if line.startswith("["):
            group = line
        found = re.match(r"#?([A-Z]\w+)=(.*)$", line)
        if found is not None:
            keys[f"{group} {found.group(1)}"] = found.group(2)
    return keys


def main():
    root = pathlib.Path(sys.argv[1])
    read = lambda path: (root / path).read_text(encoding="utf-8")
    code = read_code(read("common/uc-config.c"))
    print("TAP version 13\n1..2")
    for number, (path, keys) in enumerate((
            ("data/man/ucupdates.conf.5", read_man(read("data/man/ucupdates.conf.5"))),
            ("data/ucupdates.conf", read_example(read("data/ucupdates.conf")))), 1):
        for key in sorted(code.keys() ^ keys.keys()):
            print(f"# {key}= is only in {'the code' if key in code else path}")
        wrong = [key for key in sorted(code.keys() & keys.keys()) if code[key] != keys[key]]
        for key in wrong:
            print(f"# {key}= has the default '{code[key]}', but '{keys[key]}' in {path}")
        print(f"{'ok' if code.keys() == keys.keys() and not wrong else 'not ok'} {number} {path}")


if __name__ == "__main__":
    main()
