"""Rego modules and inputs that together meet every form of a rule whose value decides; OPA itself judges what they give."""

from typing import NamedTuple


class Module(NamedTuple):
    """A module, what is asked of it, and the inputs to ask with."""

    text: str
    path: str
    inputs: tuple[object, ...]
    is_exact: bool = True
    """Whether one definition alone can give each of the values that the inputs lead to."""


USERS = ({"user": "a"}, {"user": "b"}, {"user": "c"}, {})


def module(*lines: str) -> str:
    return "package gate\n\n" + "\n\n".join(lines) + "\n"


MODULES = {
    "allow by default": Module(
        module("default allow := true", 'allow := false if input.user == "b"'), "gate/allow", USERS
    ),
    "deny by default": Module(module("default allow := false", 'allow if input.user == "a"'), "gate/allow", USERS),
    "a rule that says what the default says": Module(
        module("default allow := false", 'allow if input.user == "a"', 'allow := false if input.user == "b"'),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "deny, true by default": Module(
        module('deny := false if input.user == "a"', "default deny := true"), "gate/deny", USERS
    ),
    "no default": Module(
        module('allow := true if input.user == "a"', 'allow := false if input.user == "b"'), "gate/allow", USERS
    ),
    "no default, two bodies": Module(
        module('allow if input.user == "a"', 'allow if input.user == "b"'), "gate/allow", USERS, is_exact=False
    ),
    "defaults that are objects": Module(
        module(
            'default allow := {"allowed": false, "reason": "nobody said yes"}',
            'allow := {"allowed": true, "reason": "a may"} if input.user == "a"',
            'allow := {"allowed": false, "reason": "b may not"} if input.user == "b"',
        ),
        "gate/allow",
        USERS,
    ),
    "a path into an object": Module(
        module(
            'default allow := {"allowed": false, "reason": "nobody said yes"}',
            'allow := {"allowed": true, "reason": sprintf("%s may", [input.user])} if input.user == "a"',
        ),
        "gate/allow/reason",
        ({"user": "a"}, {"user": "c"}),
    ),
    "else branches": Module(
        module(
            'default level := "none"',
            'level := "high" if {\n\tinput.user == "a"\n} else := "low" if {\n\tinput.user == "b"\n}',
        ),
        "gate/level",
        USERS,
    ),
    "else branches, verdict": Module(
        module(
            'allow := true if {\n\tinput.user == "a"\n} else := false if {\n\tinput.user == "b"\n}',
            'allow := "odd" if input.user == "c"',
        ),
        "gate/allow",
        ({"user": "a"}, {"user": "b"}, {"user": "c"}),
    ),
    "a function": Module(
        module(
            "default allow := false",
            "allow := may(input.user)",
            'may(user) := true if user == "a"',
        ),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "a set": Module(
        module(
            'deny contains "nobody is named" if not input.user',
            'deny contains sprintf("%s is %s", [input.user, "blocked"]) if input.user == "b"',
            'deny contains msg if {\n\tinput.user == "c"\n\tmsg := concat(" ", ["user", input.user, "left"])\n}',
        ),
        "gate/deny",
        USERS,
    ),
    "a set of objects": Module(
        module(
            'deny contains {"msg": msg, "code": "X1"} if {\n\tinput.user == "b"\n\tmsg := sprintf("no %s", [input.user])\n}',
            'deny contains {"msg": sprintf("%s %s", ["no", input.user]), "code": "X2"} if input.user == "c"',
        ),
        "gate/deny",
        USERS,
    ),
    "a partial object": Module(
        module(
            'deny[name] := "is blocked" if {\n\tsome name in input.names\n\tname == "b"\n}',
            'deny[name] := sprintf("%s has left", [name]) if {\n\tsome name in input.names\n\tname == "c"\n}',
        ),
        "gate/deny",
        ({"names": ["b"]}, {"names": ["c"]}, {"names": ["b", "c"]}, {"names": []}),
    ),
    "an object of keys that are true": Module(
        module(
            'deny[msg] if {\n\tinput.user == "b"\n\tmsg := "b is blocked"\n}',
            'deny[msg] if {\n\tinput.user == "c"\n\tmsg := sprintf("%v has left", [input.user])\n}',
        ),
        "gate/deny",
        USERS,
    ),
    "deny is one object": Module(
        module(
            'deny := {"outcome": "deny", "reasons": [{"code": "closed", "message": "closed"}]} if input.user == "b"',
            'deny := {"outcome": "deny", "reasons": [{"code": "left", "message": "left"}]} if input.user == "c"',
        ),
        "gate/deny",
        USERS,
    ),
    "helpers write the message": Module(
        module(
            "deny contains msg if {\n\tsome msg in blocked\n}",
            'deny contains text(input.user) if input.user == "c"',
            'blocked contains "b is blocked" if input.user == "b"',
            'text(user) := sprintf("%s has left", [user])',
        ),
        "gate/deny",
        USERS,
    ),
    "a message that the input brings": Module(
        module("deny contains input.says if input.says", 'deny contains "b is blocked" if input.user == "b"'),
        "gate/deny",
        ({"says": "x"}, {"user": "b"}, {"user": "b", "says": "b is blocked"}),
        is_exact=False,
    ),
    "numbers": Module(
        module("default level := 0", 'level := 1 if input.user == "a"', 'level := 2 if input.user == "b"'),
        "gate/level",
        USERS,
    ),
}
