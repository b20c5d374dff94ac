"""Whether the workspace that somebody names is there, and which one may be made by being named; a
slip of the pen makes none.
"""

import re
from difflib import get_close_matches
from typing import Any, Final, Literal

from services.settings import DEFAULT_WORKSPACE, NAME
from services.wiring import EventStore, InvalidWorkspace, NoWorkspace

Missing = Literal["made", "first", "refused", "left"]
"""What becomes of a workspace that is not there: it is made; made as the first one of a store, and
else refused; refused; left to whoever asks. `default` is always made."""
NAMED_MAX: Final = 10


class UnknownWorkspace(NoWorkspace):
    """There is no workspace {workspace!r}{near}; {there}. `article20 workspace add {workspace}`
    makes it."""

    def __init__(self, **facts: Any) -> None:
        names: list[str] = facts.pop("names")
        near = get_close_matches(facts["workspace"], names, 1)
        some = ", ".join(names[:NAMED_MAX])
        more = f" and {len(names) - NAMED_MAX:,} more" if len(names) > NAMED_MAX else ""
        super().__init__(
            near=f" (did you mean {near[0]}?)" if near else "",
            there=f"there are: {some}{more}" if names else "there is none yet",
            **facts,
        )


async def come_to(store: EventStore, workspace: str, missing: Missing) -> bool:
    """See to it that a workspace is there; whether it was made.

    UnknownWorkspace where it is not and may not be made, InvalidWorkspace. One counts as the first
    while there is no other but `default`, and that holds no event.
    """
    if workspace == DEFAULT_WORKSPACE or missing == "made":
        return await store.add_workspace(workspace)
    if missing == "left":
        return False
    there = await store.workspaces()
    names = [name for name, _, _ in there]
    if workspace in names:
        return False
    is_first = all(name == DEFAULT_WORKSPACE and head == 0 for name, head, _ in there)
    if re.fullmatch(NAME, workspace) is None:
        raise InvalidWorkspace(workspace=workspace)
    if missing == "refused" or not is_first:
        raise UnknownWorkspace(workspace=workspace, names=names)
    return await store.add_workspace(workspace)
