"""The tables in Django's admin, at /console/admin/: for repairs by hand.

A door to the life cycle and the catalogue: it shows their sentences and holds no rule.
"""

from django.contrib import admin

from experiments.admin import experiments, videos  # noqa: F401  registers their pages

admin.site.site_header = "Coverlift tables"
admin.site.site_title = "Coverlift"
admin.site.index_title = "Tables"
