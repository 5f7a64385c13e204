"""How the documentation is built: `sphinx-build -W docs site`."""

from pointline.version import __version__

project = "pointline"
copyright = "the pointline contributors"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.intersphinx"]
intersphinx_mapping = {}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["site"]
html_theme = "furo"
html_title = f"pointline {__version__}"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True}
nitpicky = False
suppress_warnings = ["myst.header"]
