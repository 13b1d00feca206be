"""What changed in a dataset, for people: as Markdown, in a terminal, as a page of its own.

The words and tables are worked out once, in `telling`, from the record alone; a renderer only draws them.
"""
