"""Prints the accessibility tree of a program as JSON, one object per element. Runs with the system's Python, which
has pyatspi. usage: accessibility.py PROGRAM-NAME-PART"""

import json
import sys

import pyatspi


def describe(element, found):
    try:
        extents = element.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        box = [extents.x, extents.y, extents.width, extents.height]
    except NotImplementedError:
        box = None
    try:
        text = element.queryText()
        value = text.getText(0, text.characterCount)
    except NotImplementedError:
        value = None
    states = [pyatspi.stateToString(state) for state in element.getState().getStates()]
    found.append({"role": element.getRoleName(), "name": element.name, "box": box, "value": value, "states": states})
    for index in range(element.childCount):
        child = element.getChildAtIndex(index)
        if child is not None:
            describe(child, found)


desktop = pyatspi.Registry.getDesktop(0)
elements = []
for index in range(desktop.childCount):
    program = desktop.getChildAtIndex(index)
    if program is not None and sys.argv[1].lower() in program.name.lower():
        describe(program, elements)
print(json.dumps(elements, ensure_ascii=False))
