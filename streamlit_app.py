"""The entrypoint: the site map, and nothing else."""

from pages.components import sitemap

sitemap.navigation().run()
