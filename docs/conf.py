"""The settings of the documentation site, which `make docs` builds with Sphinx."""

project = "The shared IT service catalogue"
html_title = project
language = "en_GB"

extensions = ["myst_parser"]
# Links can name headings down to this level, as in `page.md#heading`.
myst_heading_anchors = 4

html_theme = "furo"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False
