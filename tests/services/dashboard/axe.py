"""The axe checker of WCAG 2.2 AA in a browser's window, told not to find out the same thing many
times over; it judges nothing that axe does not."""

from typing import Any, Final

from axe_playwright_python.base import (  # type: ignore[import-untyped]  # no types
    AXE_SCRIPT,
    AxeResults,
)
from playwright.sync_api import BrowserContext, Page

RULES: Final[dict[str, Any]] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
SLOTS: Final = """class WeakMap {
    #slot = Symbol();
    has(one) { return this.#slot in one; }
    get(one) { return one[this.#slot]; }
    set(one, value) { one[this.#slot] = value; return this; }
    delete(one) { return delete one[this.#slot]; }
};"""
"""What axe keeps beside its objects is kept in them: looking it up took a fifth of its time."""
KNOWN_COLOURS: Final = """{
    const Color = axe.commons.color.Color, read = Color.prototype.parseString, known = new Map();
    Color.prototype.parseString = function (text) {
        if (known.has(text)) {
            [this.r, this.g, this.b, this.alpha] = known.get(text);
        } else {
            read.call(this, text);
            known.set(text, [this.r, this.g, this.b, this.alpha]);
        }
        return this;
    };
}"""
"""Has axe read each colour once, not once for every element."""
KNOWN_CONTRASTS: Final = """{
    const rule = axe._audit.rules.find(one => one.id === "color-contrast"), matches = rule.matches;
    const check = axe._audit.checks["color-contrast"], passed = new Set();
    const unheard = {data() {}, relatedNodes() {}}, PLAIN = new Set(["static", "relative"]);
    let grounds = new Map();
    // The backgrounds below an element's text; null where something else may lie in between.
    const ground = (one) => {
        if (one === null) return "";
        if (!grounds.has(one)) {
            const style = getComputedStyle(one), below = ground(one.parentElement);
            const drawn = one instanceof SVGElement || !PLAIN.has(style.position)
                || style.backgroundImage !== "none" || style.transform !== "none";
            const own = `${style.backgroundColor} ${style.opacity}`;
            const adds = own === "rgba(0, 0, 0, 0) 1" ? "" : `/${own}`;
            grounds.set(one, drawn || below === null ? null : below + adds);
        }
        return grounds.get(one);
    };
    rule.matches = function (node, virtual, context) {
        const below = ground(node);
        if (below === null) return matches.call(this, node, virtual, context);
        const {color, fontSize, fontWeight, textShadow} = getComputedStyle(node);
        const key = [color, fontSize, fontWeight, textShadow, below].join();
        if (passed.has(key) || !matches.call(this, node, virtual, context)) return false;
        const isRead = check.evaluate.call(unheard, node, check.options, virtual) === true;
        if (isRead) passed.add(key);
        return !isRead;
    };
    window.lookAgain = () => { grounds = new Map(); };
}"""
"""Has axe find once that a colour in a size is read well on what lies below it; what it did not
find to be read well it looks at each time, and so it does where something may lie in between."""
FAULTS: Final = """async rules => {
    lookAgain();
    const {violations} = await axe.run(document, rules);
    return {violations};
}"""
"""What axe finds fault with, without the lists of all that it looked at."""


def prepare(context: BrowserContext) -> None:
    """Have axe in every page of a context, sent and compiled once and not for every page."""
    context.add_init_script(f"{{{SLOTS}{AXE_SCRIPT};{KNOWN_COLOURS}{KNOWN_CONTRASTS}}}")


def assert_no_fault(page: Page) -> None:
    """Axe finds no fault in what the page shows."""
    found = AxeResults(page.evaluate(FAULTS, RULES))
    assert found.violations_count == 0, found.generate_report()
