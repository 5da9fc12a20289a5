#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/policy.md has exactly the keys that the code reads, with its ranges and defaults.

test_keys.py TOP: the top of the source tree. The tables of members in the code are regular enough to
be read here; what they say is compared with the tables of the document.
"""

import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
DOC = (TOP / "docs/policy.md").read_text(encoding="utf-8")
FROM = {"Lifesize", "RealPresence", "UCS", "Lync", "ours"}


def code(name):
    return (TOP / "policy" / name).read_text(encoding="utf-8")


def rows(begin, end):
    """First cell -> the other cells; a first cell may name several members."""
    found = {}
    for line in DOC[DOC.index(begin):DOC.index(end)].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        for name in re.findall(r"`([a-z_]+)`", cells[0]) if line.startswith("| `") else []:
            found[name] = cells[1:]
    return found


def members(name):
    """Of the table of UcMember: member -> (kind, arguments)."""
    text = code(name)
    table = text[re.search(r"static const UcMember \w+\[\] = {", text).end():]
    table = table[:table.index("\n};")]
    found = {}
    pattern = r"(TEXT|BOOLEAN|INT|SECS|TIME|ENUM)\(([^)]*)\)|{\"(\w+)\""
    for kind, arguments, named in re.findall(pattern, table):
        words = [word.strip(' "') for word in arguments.split(",")]
        found[named or words[0]] = (kind, words[1:])
    return found


def policy_keys():
    found = set(members("uc-policy-json.c"))
    text = code("uc-policy-json.c")
    return found | set(re.findall(r"\b(?:section|self,\s*section),\s*\"(\w+)\"", text))


def check(name, good, text=""):
    return name, good, text


def check_ranges(documented):
    year = str(365 * 86400)
    for key, (kind, words) in members("uc-policy-json.c").items():
        if kind == "INT":
            first, last = [word.replace("UC_POLICY_YEAR_SECS", year) for word in words]
            cell = documented.get(key, [""])[0]
            yield check(f"range of {key}", f"{first} to {last}" in cell, f"{first} to {last}: {cell}")


def check_defaults(documented):
    text = code("uc-policy.c")
    text = text[text.index("\nuc_policy_new(void)"):]
    values = dict(re.findall(r"self->(\w+) = (\w+);", text[:text.index("\n}")]))
    for key, (kind, _) in members("uc-policy-json.c").items():
        value = values.get(key, "0")
        value = re.sub(r"UC_POLICY_\w+", lambda match: define(match.group()), value)
        if kind == "INT":
            cell = documented.get(key, ["", ""])[1]
            yield check(f"default of {key}", re.match(rf"{value}\b", cell), f"{value}: {cell}")


def define(name):
    return re.search(rf"#define {name}\s+(\d+)", code("uc-policy.h")).group(1)


def names(file, array):
    text = code(file)
    return re.findall(r'"([a-z-]+)"', text[text.index(array):].split("};")[0])


def main():
    keys, facts = rows("### 1.1 Keys", "### 1.2"), rows("## 2. The facts", "## 3.")
    have, read = members("uc-facts.c"), policy_keys()
    results = [
        check("keys", set(keys) == read, f"{sorted(set(keys) ^ read)}"),
        check("facts", set(facts) == set(have), f"{sorted(set(facts) ^ set(have))}"),
    ]
    results += check_ranges(keys)
    results += check_defaults(keys)
    for key, cells in keys.items():
        sources = set(re.split(r", ", cells[-1]))
        results.append(check(f"where {key} is from", sources <= FROM, str(cells)))
    for key, (kind, _) in have.items():
        unit = {"SECS": "s", "TIME": "time", "BOOLEAN": "boolean"}.get(kind)
        if unit is not None:
            cell = facts.get(key, [""])[0]
            results.append(check(f"unit of {key}", cell.split(",")[0] == unit, f"{unit}: {cell}"))
    print(f"1..{len(results)}")
    for number, (name, good, text) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} {name}")
        if not good:
            print(f"# {name}: {text}")
    return any(not good for _, good, _ in results)


if __name__ == "__main__":
    sys.exit(main())
