"""Further forms of rules for the table that OPA judges: heads that are references, branches, texts, collections."""

from decisions.opa_modules import USERS, Module, module

FORMS = {
    "else no value": Module(
        module("default allow := false", 'allow if {\n\tinput.user == "a"\n} else if {\n\tinput.user == "b"\n}'),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "else one-line": Module(
        module('allow := 1 if input.user == "a" else := 2 if input.user == "b" else := 3'),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "else one-line braces": Module(
        module(
            'level := "x" if { input.user == "a" } else := "y" if { input.user == "b" } else := "z"',
            'level := "q" if input.user == "zz"',
        ),
        "gate/level",
        USERS,
        is_exact=False,
    ),
    "some element is the message": Module(
        module(
            'deny contains msg if {\n\tsome x in input.xs\n\tx == "p"\n\tmsg := x\n}',
            'deny contains msg if {\n\tsome i, x in input.xs\n\tx == "q"\n\tmsg := sprintf("item %d: %s",[i,x])\n}',
        ),
        "gate/deny",
        ({"xs": ["p", "q"]}, {"xs": ["q"]}, {"xs": []}),
        is_exact=False,
    ),
    "multi-line head": Module(
        module(
            'deny contains {\n\t"msg": "b is blocked",\n\t"n": 1,\n} if {\n\tinput.user == "b"\n}',
            'deny contains {\n\t"msg": "c is gone",\n\t"n": 2,\n} if input.user == "c"',
        ),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "head var from else-fn": Module(
        module(
            "deny contains m if {\n\tm := why(input.user)\n}",
            'why(u) := "b bad" if {\n\tu == "b"\n} else := "c bad" if {\n\tu == "c"\n}',
            'deny contains "a bad" if input.user == "a"',
        ),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "a message by key": Module(
        module(
            'texts := {"b": "b is out", "c": "c is out"}',
            "deny contains texts[input.user]",
            'deny contains "a is out" if input.user == "a"',
        ),
        "gate/deny",
        USERS,
        is_exact=False,
    ),
    "complete set": Module(
        module('deny := {"one", "two"} if input.user == "b"', 'deny := {"three"} if input.user == "c"'),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "complete arrays": Module(
        module('deny := ["one", "two"] if input.user == "b"', 'deny := ["three"] if input.user == "c"'),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "compare value two": Module(
        module('allow := input.user == "a"', "allow := true if input.x == 1"),
        "gate/allow",
        ({"user": "a"}, {"user": "b"}, {"x": 1}, {"x": 2}),
        is_exact=False,
    ),
    "a comparison in a body": Module(
        module('allow := x if {\n\tx := input.user == "a"\n}', "allow := false if not input.user"),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "allow = var set by unify": Module(
        module('level := x if {\n\t[x, _] = ["p", 1]\n\tinput.user == "a"\n}', 'level := "q" if input.user == "b"'),
        "gate/level",
        USERS,
        is_exact=False,
    ),
    "unify": Module(
        module('level := x if {\n\tx = "p"\n\tinput.user == "a"\n}', 'level := "q" if input.user == "b"'),
        "gate/level",
        USERS,
        is_exact=True,
    ),
    "unified from the right": Module(
        module('level := x if {\n\t"p" = x\n\tinput.user == "a"\n}', 'level := "q" if input.user == "b"'),
        "gate/level",
        USERS,
        is_exact=False,
    ),
    "null": Module(
        module(
            'level := null if input.user == "a"',
            'level := 0 if input.user == "b"',
            'level := false if input.user == "c"',
            'level := "" if not input.user',
        ),
        "gate/level",
        USERS,
        is_exact=False,
    ),
    "negative": Module(
        module('level := -1 if input.user == "a"', 'level := 1 if input.user == "b"'),
        "gate/level",
        USERS,
        is_exact=True,
    ),
    "raw string": Module(
        module(
            'level := `a\\n"x"` if input.user == "a"',
            'level := "a\\n\\"x\\"" if input.user == "b"',
            'level := "\\u00e4" if input.user == "c"',
        ),
        "gate/level",
        USERS,
        is_exact=True,
    ),
    "sprintf widths": Module(
        module(
            'deny contains sprintf("n=%03d is %v", [input.n, true]) if input.n < 10',
            'deny contains sprintf("n=%d%% is %v", [input.n, true]) if input.n >= 10',
        ),
        "gate/deny",
        ({"n": 5}, {"n": 50}),
        is_exact=False,
    ),
    "sprintf set var": Module(
        module(
            'deny contains sprintf("n=%v", args) if {\n\tinput.n < 10\n\targs := ["small"]\n}',
            'deny contains sprintf(fmt, ["large"]) if {\n\tinput.n >= 10\n\tfmt := "n=%v"\n}',
        ),
        "gate/deny",
        ({"n": 5}, {"n": 50}),
        is_exact=True,
    ),
    "concat set": Module(
        module(
            'deny contains concat(",", {"b", "a"}) if input.n < 10',
            'deny contains concat(",", ["b", "a"]) if input.n >= 10',
        ),
        "gate/deny",
        ({"n": 5}, {"n": 50}),
        is_exact=False,
    ),
    "nested arrays": Module(
        module('deny contains ["x", input.n] if input.n < 10', 'deny contains ["y", input.n] if input.n >= 10'),
        "gate/deny",
        ({"n": 5}, {"n": 50}),
        is_exact=True,
    ),
    "partial object nested": Module(
        module('deny.small.here := "x" if input.n < 10', 'deny.large := "y" if input.n >= 10'),
        "gate/deny",
        ({"n": 5, "k": "z"}, {"n": 50, "k": "z"}),
        is_exact=True,
    ),
    "partial object set": Module(
        module('deny[input.k] contains "x" if input.n < 10', 'deny[input.k] contains "y" if input.n >= 10'),
        "gate/deny",
        ({"n": 5, "k": "z"}, {"n": 50, "k": "z"}),
        is_exact=False,
    ),
    "partial object ref contains": Module(
        module('deny.a contains "x" if input.n < 10', 'deny.b contains "y" if input.n >= 10'),
        "gate/deny",
        ({"n": 5, "k": "z"}, {"n": 50, "k": "z"}),
        is_exact=True,
    ),
    "local fn shadows": Module(
        module(
            'msg := "global"',
            'deny contains msg if {\n\tinput.user == "b"\n\tmsg := "local"\n}',
            'deny contains msg if input.user == "c"',
        ),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "two msg in bodies": Module(
        module(
            'level := msg if {\n\tinput.user == "b"\n\tmsg := "first"\n} else := msg if {\n\tinput.user == "c"\n\tmsg := "second"\n}',
            'level := "third" if input.user == "a"',
        ),
        "gate/level",
        USERS,
        is_exact=False,
    ),
    "default func": Module(
        module(
            "default may(_) := false",
            'may(u) if u == "a"',
            "allow := may(input.user)",
            'allow := true if input.user == "c"',
        ),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "default obj, path": Module(
        module(
            'default allow := {"allowed": false, "reason": "no"}',
            'allow := {"allowed": true, "reason": "a"} if input.user == "a"',
            'allow := {"allowed": false, "reason": "b"} if input.user == "b"',
        ),
        "gate/allow/allowed",
        USERS,
        is_exact=False,
    ),
    "default set": Module(
        module('default deny := {"nobody"}', 'deny := {"b"} if input.user == "b"'), "gate/deny", USERS, is_exact=True
    ),
    "not": Module(
        module(
            "default allow := true", "allow := false if not input.user", 'allow := false if {\n\tinput.user == "b"\n}'
        ),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "many same heads": Module(
        module(
            'allow := true if {\n\tinput.user == "a"\n}',
            'allow := true if {\n\tinput.user == "b"\n} else := false if {\n\tinput.user == "c"\n}',
        ),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "brace string": Module(
        module('deny contains "{b} # x" if input.user == "b"', 'deny contains "} if {" if input.user == "c"'),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "key head dot": Module(
        module('deny.x := "b" if input.user == "b"', 'deny.y := "b" if input.user == "c"'),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "quoted rule name": Module(
        module('deny["x-y"].z := "b" if input.user == "b"', 'deny["y"] := "b" if input.user == "c"'),
        "gate/deny",
        USERS,
        is_exact=False,
    ),
    "semicolon body": Module(
        module(
            'deny contains m if { input.user == "b"; m := "bm" }', 'deny contains m if { m := "cm"; input.user == "c" }'
        ),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "some decl": Module(
        module(
            'deny contains m if {\n\tsome i\n\tinput.xs[i] == "b"\n\tm := sprintf("b at %d", [i])\n}',
            'deny contains m if {\n\tsome i\n\tinput.xs[i] == "c"\n\tm := sprintf("c at %d", [i])\n}',
        ),
        "gate/deny",
        ({"xs": ["b", "c"]}, {"xs": ["c"]}),
        is_exact=True,
    ),
    "item of const": Module(
        module(
            'deny contains m if {\n\tms := ["zero", "one"]\n\tm := ms[input.i]\n}',
            'deny contains "else" if input.i == 7',
        ),
        "gate/deny",
        ({"i": 0}, {"i": 1}),
        is_exact=False,
    ),
    "nested obj member": Module(
        module(
            'cfg := {"zero": {"msg": "Z"}, "one": {"msg": "O"}}',
            "deny contains cfg.zero.msg if input.i == 0",
            "deny contains cfg.one.msg if input.i == 1",
        ),
        "gate/deny",
        ({"i": 0}, {"i": 1}),
        is_exact=True,
    ),
    "split head value": Module(
        module('deny contains\n\t"zero" if input.i == 0', 'deny contains "one" if\n\tinput.i == 1'),
        "gate/deny",
        ({"i": 0}, {"i": 1}),
        is_exact=False,
    ),
    "value on next line": Module(
        module('level :=\n\t"zero" if input.i == 0', 'level := "one" if\n\tinput.i == 1'),
        "gate/level",
        ({"i": 0}, {"i": 1}),
        is_exact=False,
    ),
    "in expr": Module(
        module('allow := input.user in {"a", "b"}', 'allow := true if input.user == "zz"'),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "function false": Module(
        module("default allow := true", "allow := may(input.user)", 'may(u) := false if u == "b"'),
        "gate/allow",
        USERS,
        is_exact=False,
    ),
    "function w/ const arg": Module(
        module(
            'f("b") := "B!"', 'f("c") := "C!"', "deny contains f(input.user)", 'deny contains "none" if not input.user'
        ),
        "gate/deny",
        USERS,
        is_exact=False,
    ),
    "set member": Module(
        module(
            'reasons contains "b bad" if input.user == "b"',
            'reasons contains "c bad" if input.user == "c"',
            "deny contains r if {\n\treasons[r]\n}",
            'deny contains "x" if input.user == "x"',
        ),
        "gate/deny",
        USERS,
        is_exact=True,
    ),
    "set ref value": Module(
        module(
            'reasons contains "b bad" if input.user == "b"',
            'deny := reasons if input.user == "b"',
            'deny := {"c bad"} if input.user == "c"',
        ),
        "gate/deny",
        USERS,
        is_exact=False,
    ),
}
