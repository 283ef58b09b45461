"""The entrypoint: the site map, and nothing else."""

from pages.components.shell import sitemap

sitemap.navigation().run()
