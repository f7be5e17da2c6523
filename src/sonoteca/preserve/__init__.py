"""Preserve: a release becomes an OCFL object, a changed release its next version, and both stay readable for decades.

Takes   the files of a release as quarantine holds them, the object's inventory so far, and the door to the store.
Gives   the next inventory and an object that any OCFL 1.1 validator accepts; audits that trust nothing deposit said.
Undoes  a deposit that did not finish, at the next start. A finished version is never changed here.
"""
