"""From a diagram to the HTML of a page, in the way that the site draws diagrams; and how that went.

Three ways, by the option `diagrams`:

- `svg`: drawn at the build by our own layout, so that a page needs no script;
- `client`: drawn by Mermaid in the browser when the reader comes near, from the site's own file;
- `mermaid2`: `<div class="mermaid">`, which mkdocs-mermaid2-plugin takes and Material leaves alone.

In each a table says the same, which stands open wherever nothing is drawn, and the Mermaid source can be copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from markupsafe import Markup

from mkdocs_gitguard.model import NODE_KINDS, Finding
from mkdocs_gitguard.portal.diagrams.mermaid import BOXES, Diagram, fault, load_engine, source
from mkdocs_gitguard.portal.diagrams.svg import to_svg
from mkdocs_gitguard.portal.ui import trusted

if TYPE_CHECKING:
    from mkdocs_gitguard.portal.diagrams.mermaid import Engine, Node
    from mkdocs_gitguard.portal.portal import Mode

MERMAID_SCRIPT: Final = "assets/gitguard/mermaid.min.js"


@dataclass(slots=True)
class Drawn:
    """How the diagrams of a build went: the measurement behind the objective "diagrams render"."""

    diagrams: int = 0
    failures: list[Finding] = field(default_factory=list)
    pull_requests: int = 0
    """Pull-request pages among those whose diagram was drawn."""

    @property
    def success_rate(self) -> float | None:
        """Share that was drawn, 0 to 1; None where there were no diagrams."""
        return 1 - len(self.failures) / self.diagrams if self.diagrams else None


class Canvas(Protocol):
    """What is used of the page that a diagram stands on."""

    def file(self, path: str) -> str:
        """Return the URL, relative to the page, of a file of the site."""
        ...

    def render(self, template: str, **context: Any) -> Markup:
        """Return a template filled in."""
        ...


class Drawer:
    """Draws the diagrams of one build."""

    def __init__(self, mode: Mode, *, engine: Engine | None = None) -> None:
        """Start with nothing drawn.

        Args:
            mode: how the site draws diagrams.
            engine: a parser to check with; default: the one that is installed, if any.
        """
        self.mode = mode
        self.drawn = Drawn()
        self._engine = engine or load_engine()

    def draw(self, canvas: Canvas, diagram: Diagram, *, path: str, node: str) -> Markup:
        """Return the figure: diagram, legend, source. One that would not render becomes a table and a finding.

        Args:
            canvas: the page.
            diagram: what to draw.
            path: the page's.
            node: id of the node that the page shows, `""` for none.
        """
        text = source(diagram, with_links=self.mode != "svg")
        reason = fault(text, self._engine)
        self.drawn.diagrams += 1
        self.drawn.pull_requests += not reason and node.startswith("pull-request:")
        if reason:
            self.drawn.failures.append(
                Finding(
                    code="diagram-not-drawn",
                    severity="warning",
                    message=f"A diagram is shown as a table because {reason}.",
                    hint="Report it to mkdocs-gitguard. Everything that it says stands in the table.",
                    source=path,
                )
            )
        return canvas.render(
            "gitguard/diagram.html",
            diagram=diagram,
            mode="" if reason else self.mode,
            drawn=self._body(diagram, text) if not reason else Markup(""),
            script=canvas.file(MERMAID_SCRIPT) if self.mode == "client" else "",
            reason=reason,
            text=text,
            legend=[(kind, BOXES[kind].name) for kind in diagram.kinds],
            rows=[(diagram.nodes[e.source], e.label or "leads to", diagram.nodes[e.target]) for e in diagram.edges],
            named=_named,
        )

    def _body(self, diagram: Diagram, text: str) -> Markup:
        match self.mode:
            case "svg":
                return trusted(to_svg(diagram))
            case "mermaid2":
                return Markup('<div class="mermaid">{}</div>').format(text)
            case "client":
                # Drawn from the source that can be copied: the page holds it once.
                return Markup("")


def legend_css() -> str:
    """Return the rules that give legends and the explorer the diagrams' colours, by kind."""
    colours = {kind: box.colour for kind, box in BOXES.items()} | {kind.name: kind.colour for kind in NODE_KINDS}
    variables = "".join(f"--gg-kind-{kind}:{colour};" for kind, colour in colours.items())
    return f".gg{{{variables}}}\n" + "".join(
        f".gg-box-{kind}{{--gg-kind:{colour}}}\n"
        f".gg-hue-{kind}{{border-color:{colour};background:color-mix(in srgb,{colour} 16%,transparent)}}\n"
        for kind, colour in colours.items()
    )


def _named(node: Node) -> Markup:
    """Return a box as a table's cell shows it."""
    if node.link:
        return Markup('<a href="{}"><bdi>{}</bdi></a>').format(node.link, node.label)
    return Markup("<bdi>{}</bdi>").format(node.label)
