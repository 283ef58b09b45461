"""What all charts share. Colours come from the theme, so that light and dark both fit."""

CONFIG = {"displayModeBar": False}
MARGIN = {"l": 0, "r": 0, "t": 10, "b": 0}
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
