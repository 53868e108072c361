"""Files at the site's root: landing page, 404; for a known address sitemap, robots, card."""
import shutil
from string import Template
from xml.sax.saxutils import escape, quoteattr

from book import frameworks

LANGUAGES = ("vi", "en")


def write(site, root, url="") -> None:
    """Write them into ``site`` from the sources in ``root``; stale ones go.

    :param url: the site's address without a last slash, or "" where none is known
    """
    icon = (root / "_templates" / "partials" / "icon-link.html").read_text("utf-8").strip()
    parts = {"icon": icon, "base": f"{url}/" if url else "", "head": _head(root, url)}
    for source, name in (("landing.html", "index.html"), ("404.html", "404.html")):
        text = Template((root / source).read_text("utf-8")).substitute(parts)
        (site / name).write_text(text, "utf-8")
    if url:
        (site / "sitemap.xml").write_text(sitemap(site, url), "utf-8")
        (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {url}/sitemap.xml\n")
        shutil.copy(root / "img" / "card.png", site / "card.png")
    else:
        for name in ("sitemap.xml", "robots.txt", "card.png"):
            (site / name).unlink(missing_ok=True)


def _head(root, url) -> str:
    """The landing page's links to both languages, as every page has them."""
    base = f"{url}/" if url else ""
    lines = [f'<link rel="alternate" hreflang="{code}" href="{base}{code}/index.html">'
             for code in LANGUAGES]
    lines.append(f'<link rel="alternate" hreflang="x-default" href="{base}index.html">')
    if url:
        lines.append(f'<link rel="canonical" href="{url}/index.html">')
        labels = " · ".join(each.label for each in frameworks.read(root).values())
        lines += [f'<meta property="og:{name}" content={quoteattr(value)}>' for name, value in (
            ("type", "website"), ("title", "Song song hóa tự động · Automatic parallelism"),
            ("description", labels), ("url", f"{url}/index.html"),
            ("image", f"{url}/card.png"), ("locale", "vi_VN"), ("locale:alternate", "en_US"))]
        lines.append('<meta name="twitter:card" content="summary_large_image">')
    return "\n".join(lines) + "\n"


def sitemap(site, url) -> str:
    """A sitemap of both languages; each page names its twins (search pages are left out)."""
    pages = {code: {path.relative_to(site / code).as_posix()
                    for path in (site / code).rglob("*.html") if path.name != "search.html"}
             for code in LANGUAGES}
    entries = []
    for code in LANGUAGES:
        for page in sorted(pages[code]):
            links = "".join(
                f'\n    <xhtml:link rel="alternate" hreflang="{twin}" '
                f'href={quoteattr(f"{url}/{twin}/{page}")}/>'
                for twin in LANGUAGES if page in pages[twin])
            place = escape(f"{url}/{code}/{page}")
            entries.append(f"  <url>\n    <loc>{place}</loc>{links}\n  </url>")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(entries) + "\n</urlset>\n")
