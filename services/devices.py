"""What a login says of where it came from, in coarse words: a browser on a system, a network; it
never keeps a whole user agent or a whole address."""

import ipaddress
from typing import Final

_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What a user agent holds -> the name people know; many claim to be others too, so order counts."""
NETWORK_BITS_V4: Final = 16
NETWORK_BITS_V6: Final = 32
"""How much of an address is kept: about a provider's region, no household."""


def device_of(user_agent: str) -> str:
    """A browser and a system, such as "Firefox on Windows"; "an unknown browser" where it says
    nothing known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not browser and not system:
        return "an unknown browser"
    return f"{browser or 'a browser'} on {system}" if system else browser


def place_of(address: str) -> str:
    """The network of an address, such as "network 203.0.0.0/16"; words for those that are near."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "an unknown network"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return "the machine that serves"
    if found.is_private:
        return "a private network"
    bits = NETWORK_BITS_V4 if found.version == 4 else NETWORK_BITS_V6
    return f"network {ipaddress.ip_network((found, bits), strict=False)}"
