"""What the portal's templates are compiled to: printing a value and calling a function are what a page does most.

Jinja prints by way of `finalize`, `escape` and a new `Markup`, and calls by way of `Context.call`, which looks whether
a function wants to be given the context (https://jinja.palletsprojects.com/en/stable/api/#jinja2.pass_context). Of what
the portal's templates can call, none does but macros, which know by themselves whether they escape. The functions of
`ui` are attributes, and looked up as such.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

from mkdocs_gitguard.portal.ui import Ui
from mkdocs_gitguard.words import text_html, visible

if TYPE_CHECKING:
    from jinja2.compiler import Frame


def finalized(value: object) -> object:
    """Make hidden characters of plain text visible; leave markup alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def printed(value: object) -> str:
    """Return what a template prints of a value: `escape(finalized(value))`."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value] # it is one
    if kind is str:
        return text_html(value)  # type: ignore[arg-type] # it is one
    return escape(finalized(value))


class _Code(CodeGenerator):
    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _is_printed(frame, finalize):
            self.write("environment.printed(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _is_printed(frame, finalize):
            self.write(")")
        else:
            super()._output_child_post(node, frame, finalize)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - Jinja's
        named = [argument.key for argument in node.kwargs]
        if forward_caller or node.dyn_args or node.dyn_kwargs or any(map(iskeyword, named)):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        match node.node:
            case nodes.Getattr(node=nodes.Name(name="ui") as ui, attr=attribute) if hasattr(Ui, attribute):
                self.visit(ui, frame)
                self.write(f".{attribute}")
            case function:
                self.visit(function, frame)
        self.write("(")
        for place, argument in enumerate([*node.args, *node.kwargs]):
            if place:
                self.write(", ")
            self.visit(argument, frame)
        self.write(")")


def _is_printed(frame: Frame, finalize: Any) -> bool:
    """Tell whether a value is both finalized and escaped, whatever it turns out to be."""
    return bool(frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src == "environment.finalize(")


class PortalEnvironment(Environment):
    """Jinja's environment, with templates compiled as above."""

    code_generator_class = _Code
    printed = staticmethod(printed)
