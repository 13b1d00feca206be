"""One thin file per command: parse, call a flow, print, exit."""
