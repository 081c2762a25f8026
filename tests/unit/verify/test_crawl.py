"""Which links are followed."""

import pytest

from lissom.verify.answer import Answer, Body
from lissom.verify.crawl import crawl, links_in
from lissom.verify.http import NoAnswerError


def page(text, kind="text/html", status=200, **headers):
    pairs = (("content-type", kind), *((name, value) for name, value in headers.items()))
    return Answer(status, pairs, Body(text.encode()))


@pytest.mark.parametrize(
    ("answer", "path", "links"),
    [
        (page('<a href="/a">x</a><A HREF=b.html>y</a><img src=\'/i.png?a=1&amp;b=2\'>'), "/d/", ["/a", "/d/b.html", "/i.png?a=1&b=2"]),
        (page('<a href="http://other/x">x</a><a href="mailto:x@y">m</a><a href="#top">t</a><a href="//cdn/x">c</a>'), "/", ["/"]),
        (page('<a href="/logout">x</a><a href="/item/delete/1">x</a><a href="/log-out">y</a>'), "/", []),
        (page('<form method="POST" action="/p"></form><form action="/s"></form>'), "/", ["/s"]),
        (page('<img srcset="/a.png 1x, /b.png 2x">'), "/", ["/a.png", "/b.png"]),
        (page('<meta http-equiv=refresh content="0; url=/next">'), "/", ["/next"]),
        (page('@import "a.css"; x { background: url(../i.png) }', "text/css"), "/css/x.css", ["/i.png", "/css/a.css"]),
        (page("<urlset><url><loc>http://localhost/deep</loc></url></urlset>", "application/xml"), "/sitemap.xml", ["/deep"]),
        (page("User-agent: *\nDisallow: /private\nDisallow: /*.pdf\nSitemap: http://localhost/s.xml", "text/plain"), "/robots.txt", ["/private", "/s.xml"]),
        (page("", status=302, location="/there"), "/", ["/there"]),
        (page('<a href="http://[bad/">x</a><a href="http://localhost:99999999/">y</a>'), "/", []),
    ],
)  # fmt: skip
def test_links(answer, path, links):
    assert sorted(links_in(answer, path)) == sorted(links)


class Site:
    """Pages by path; what is not there is 404."""

    def __init__(self, **pages):
        self.pages = pages
        self.asked = []

    def get(self, path):
        self.asked.append(path)
        if path == "/broken":
            raise NoAnswerError("cannot ask `/broken`: closed")
        return self.pages.get(path.strip("/") or "front") or page("none", status=404)


def test_three_links_deep():
    site = Site(front=page('<a href="/1">'), **{str(n): page(f'<a href="/{n + 1}">') for n in range(1, 9)})
    assert [seen.name for seen in crawl(site)] == [f"crawl GET /{n}" for n in ("", 1, 2, 3)]


def test_errors_are_seen_and_favours_are_not():
    site = Site(front=page('<a href="/gone"><a href="/broken">'))
    seen = {one.name: one for one in crawl(site)}
    assert list(seen) == ["crawl GET /", "crawl GET /gone", "crawl GET /broken"]
    assert (seen["crawl GET /gone"].status, seen["crawl GET /gone"].failure) == (404, None)
    assert seen["crawl GET /broken"].failure == "cannot ask `/broken`: closed"


def test_an_endless_site_ends():
    class Endless(Site):
        def get(self, path):
            super().get(path)
            return page("".join(f'<a href="{path}/{n}"><a href="/list?page={path}{n}">' for n in range(10)))

    site = Endless()
    assert len(list(crawl(site))) == 200
    assert sum(path.startswith("/list") for path in site.asked) <= 8
