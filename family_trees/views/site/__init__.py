"""The site: results and documentation as static pages in one style."""
