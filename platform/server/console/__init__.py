"""The operator's console: pages to run a site by, in the site's own design.

Each module is one page or a few that belong together: it reads a form, makes one call into
`experiments`, and answers. Rules live there, not here.
"""
