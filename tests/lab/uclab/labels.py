#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a screen reader would read of one application: its rows and its other labels, as JSON.

    labels.py APPLICATION

Runs on the session bus of that application. `rows` has one list for each row of a list, with the
texts in it, `labels` the texts that are in no row. What is hidden is left out.
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

DEPTH_MAX = 60


def children(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def is_visible(node):
    return node.get_state_set().contains(Atspi.StateType.VISIBLE)


def read(node, found, texts, depth=0):
    """Adds the label texts below a node to texts, or to a row of their own where a row begins."""
    if depth > DEPTH_MAX:
        return
    for child in children(node):
        if not is_visible(child):
            continue
        role = child.get_role()
        if role == Atspi.Role.LABEL:
            texts.append(child.get_name())
        inner = texts
        if role == Atspi.Role.LIST_ITEM:
            inner = []
            found["rows"].append(inner)
        read(child, found, inner, depth + 1)


def main():
    Atspi.init()
    found = {"rows": [], "labels": []}
    for application in children(Atspi.get_desktop(0)):
        if application.get_name() == sys.argv[1]:
            for window in children(application):
                read(window, found, found["labels"])
    found["rows"] = [row for row in found["rows"] if row]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
