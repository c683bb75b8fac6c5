# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads and operates a desktop over the accessibility bus; JSON lines in and out.

Started by desktop.Desktop with the environment of its desktop.
"""

import json
import re
import sys

import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402


def children(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def windows():
    for application in children(Atspi.get_desktop(0)):
        try:
            yield from children(application)
        except GLib.Error:
            continue  # the program has just ended


def text_of(node):
    if node.get_text_iface() is None:
        return None
    return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))


def is_showing(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def label_of(node):
    """The name of what labels an element, where it has no name of its own."""
    for relation in node.get_relation_set() or ():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            return " ".join(relation.get_target(index).get_name() or ""
                            for index in range(relation.get_n_targets()))
    return ""


def describe(node, depth, window):
    states = [state.value_nick for state in node.get_state_set().get_states()]
    return {"role": node.get_role_name(), "name": node.get_name() or "", "text": text_of(node),
            "description": node.get_description() or "", "label": label_of(node),
            "states": states, "depth": depth, "window": window}


def walk(node, depth, window, hidden):
    yield node, depth, window
    # Closed menus have their entries all the same, and entries are not showing.
    inside_menu = node.get_role_name() in ("menu bar", "menu")
    for child in children(node):
        if hidden or inside_menu or is_showing(child):
            yield from walk(child, depth + 1, window, hidden or inside_menu)


def elements(window_name):
    for window in windows():
        try:
            name = window.get_name() or ""
            # Menus that pop up are windows without a name.
            if window_name is None or (window_name in name if window_name else not name):
                yield from walk(window, 0, name, False)
        except GLib.Error:
            continue  # closed while it was read


def bare(name):
    """Labels in languages without Latin letters hold their accelerator in brackets."""
    return re.sub(r"\([A-Z]\)", "", name or "")


def find(request):
    index = request.get("index", 0)
    for node, depth, window in elements(request.get("window")):
        try:
            fits = (node.get_role_name() == request["role"]
                    and request.get("name", "") in bare(node.get_name()))
        except GLib.Error:
            continue
        if fits:
            if index == 0:
                return node, depth, window
            index -= 1
    return None


def find_entry(request):
    """An entry of a window's menu, by the full names of all menus and its own."""
    path = request["path"]
    node = next((one for one, _, _ in elements(request["window"])
                 if one.get_role_name() == "menu" and bare(one.get_name()) == path[0]), None)
    for name in path[1:]:
        node = node and next((child for child in children(node) if bare(child.get_name()) == name), None)
    if node is None:
        raise LookupError(f"no menu entry {' > '.join(path)}")
    return node


def must_find(request):
    found = find(request)
    if found is None:
        raise LookupError(f"no {request['role']} {request.get('name', '')!r}")
    return found[0]


def answer(request):
    command = request["command"]
    if command == "tree":
        return [describe(*element) for element in elements(request.get("window"))]
    if command == "find":
        found = find(request)
        return describe(*found) if found else None
    if command == "act":
        node = must_find(request)
        if node.get_action_iface() is None or Atspi.Action.get_n_actions(node) == 0:
            raise LookupError("the element has no action")
        return Atspi.Action.do_action(node, 0)
    if command == "where":
        node = find_entry(request) if "path" in request else must_find(request)
        if node.get_component_iface() is None:
            raise LookupError("the element has no place on the screen")
        place = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN)
        return [place.x, place.y, place.width, place.height]
    if command == "where_text":
        node = must_find(request)
        at = text_of(node).rfind(request["text"]) if node.get_text_iface() else -1
        if at < 0:
            raise LookupError(f"{request['text']!r} is not there")
        place = Atspi.Text.get_character_extents(node, at, Atspi.CoordType.SCREEN)
        return [place.x, place.y, place.width, place.height]
    if command == "entries":
        return [child.get_name() for child in children(find_entry(request))]
    if command == "set_text":
        node = must_find(request)
        if node.get_editable_text_iface() is None:
            raise LookupError("the element is not editable")
        return Atspi.EditableText.set_text_contents(node, request["text"])
    if command == "select":
        node = must_find(request)
        if node.get_selection_iface() is None:
            raise LookupError("nothing can be selected in the element")
        return Atspi.Selection.select_child(node, request["child"])
    raise LookupError(f"no command {command}")


def main():
    Atspi.set_timeout(5000, 20000)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"value": answer(request)}
        except (LookupError, GLib.Error) as error:
            reply = {"error": str(error)}
        print(json.dumps(reply), flush=True)
        Atspi.get_desktop(0).clear_cache()


if __name__ == "__main__":
    main()
