"""Citations and the list of what is cited: BibTeX's "and others", letters."""
import itertools

import pytest
from bs4 import BeautifulSoup

BIB = r"""@book{li, author={Li, Mu and others}, title={Nguy{\~{\^e}}n \& {\DJ}inh}, year=2001,
 publisher={P}}
@book{two, author={Nguy{\~{\^e}}n, A and Smola, B and others}, title={T}, year=2002, publisher={P}}
@book{pair, author={{\DJ}inh, A and Smola, B}, title={T}, year=2003, publisher={P}}
@book{ed, editor={Li, Mu and others}, title={T}, year=2004, publisher={P}}
"""
ROLES = "".join(f"{{cite:{role}}}`{key}`; "
                for role, key in itertools.product(("p", "t", "ts"), ("li", "two", "pair", "ed")))


@pytest.mark.parametrize("language, cited, listed", [
    ("en", "[Li et al., 2001]; [Nguyễn et al., 2002]; [Đinh and Smola, 2003]; [Li et al., 2004]; "
           "Li et al. [2001]; Nguyễn et al. [2002]; Đinh and Smola [2003]; Li et al. [2004]; "
           "Li et al. [2001]; Nguyễn, Smola et al. [2002]; Đinh and Smola [2003]; "
           "Li et al. [2004];",
     ["Mu Li et al. Nguyễn & Đinh. P, 2001.", "A Nguyễn, B Smola et al. T. P, 2002.",
      "A Đinh and B Smola. T. P, 2003.", "Mu Li et al., editors. T. P, 2004."]),
    ("vi", "[Li và cộng sự, 2001]; [Nguyễn và cộng sự, 2002]; [Đinh và Smola, 2003]; "
           "[Li và cộng sự, 2004]; Li và cộng sự [2001]; Nguyễn và cộng sự [2002]; "
           "Đinh và Smola [2003]; Li và cộng sự [2004]; Li và cộng sự [2001]; "
           "Nguyễn, Smola và cộng sự [2002]; Đinh và Smola [2003]; Li và cộng sự [2004];",
     ["Mu Li và cộng sự. Nguyễn & Đinh. P, 2001.", "A Nguyễn, B Smola và cộng sự. T. P, 2002.",
      "A Đinh và B Smola. T. P, 2003.", "Mu Li và cộng sự, chủ biên. T. P, 2004."])])
def test_others_are_no_person_in_either_language(project, language, cited, listed):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'extensions += ["book", "sphinxcontrib.bibtex"]\nbibtex_bibfiles = ["a.bib"]\n'
        f'language = "{language}"\nbibtex_default_style = "alpha_{language}"\n'
        f'bibtex_reference_style = "author_year_{language}"\n'))
    (project.folder / "a.bib").write_text(BIB, "utf-8")
    project.write(ROLES + "\n\n```{bibliography}\n```\n")
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    page = BeautifulSoup(project.html(), "html.parser")
    # A label is what the text says; and each place that cites a work can be found again.
    for work in page.select(".citation"):
        label = work.select_one(".label").get_text()
        assert label in cited
        assert label.strip("[]") in [link.get_text() for link in page.select(
            f".bibtex-citation a[href='#{work['id']}']")]
        for link in work.select(".cited-in a"):
            place = page.find(id=link["href"].partition("#")[2])
            assert place.select_one(f"a[href='#{work['id']}']")
        assert len(work.select(".cited-in a")) == 3
    assert page.select_one("section > p").get_text() == cited
    assert sorted(work.p.get_text().replace("\xa0", " ")
                  for work in page.select(".citation")) == sorted(listed)
