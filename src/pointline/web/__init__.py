"""Web: what every page and server of ours needs - style and colours, faults, limits, the guard, the address."""
