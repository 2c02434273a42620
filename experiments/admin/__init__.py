"""The console: what an analyst sees and sets by hand, in Django's admin.

A door to the life cycle and the catalogue: it shows their sentences and holds no rule.
"""

from django.contrib import admin

from experiments.admin import experiments, videos  # noqa: F401  registers their pages

admin.site.site_header = "Coverlift console"
admin.site.site_title = "Coverlift"
admin.site.index_title = "Console"
