"""Compiles templates with what they always say worked out beforehand: words without values in one
language, shapes, addresses of files; it never draws a page."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

Settled = Callable[..., Markup | str]


class SettlingEnvironment(Environment):
    """An environment in which calls of some functions with nothing but constants are made once,
    when a template is compiled.

    A page calls a few hundred of them to hear the same each time. `settled`: name in templates ->
    function whose answer follows from its arguments alone, for as long as this environment is used;
    so there is one for each language.
    """

    def __init__(self, settled: Mapping[str, Settled], **options: Any) -> None:
        super().__init__(**options)
        self.globals.update(settled)
        self._settled: Final = dict(settled)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        own = {one.name for one in source.find_all(nodes.Name) if one.ctx != "load"}
        _Settling({k: v for k, v in self._settled.items() if k not in own}).visit(source)
        return super()._generate(source, name, filename, defer_init=defer_init)


class _Settling(NodeTransformer):
    """Puts answers in place of calls."""

    def __init__(self, settled: Mapping[str, Settled]) -> None:
        self._settled = settled

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  # the name says which nodes
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        found = self._settled.get(node.node.name)
        constants = [one.value for one in node.args if isinstance(one, nodes.Const)]
        if found is None or len(constants) < len(node.args):
            return node
        return nodes.Const(found(*constants), lineno=node.lineno)
