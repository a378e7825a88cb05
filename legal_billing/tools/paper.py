"""What is printed is data: a page for the converter without anything that it would have
to fetch, run or open, whoever wrote it and wherever it came from."""

import re

from lxml import etree, html

#: What would be loaded or run.
ACTIVE = {
    "applet",
    "audio",
    "base",
    "embed",
    "frame",
    "frameset",
    "iframe",
    "link",
    "object",
    "portal",
    "script",
    "source",
    "track",
    "video",
}
#: Attributes whose value is fetched by one element or another.
ADDRESSES = {
    "action",
    "archive",
    "background",
    "base",
    "cite",
    "classid",
    "codebase",
    "data",
    "dynsrc",
    "formaction",
    "href",
    "icon",
    "longdesc",
    "lowsrc",
    "manifest",
    "ping",
    "poster",
    "profile",
    "src",
    "srcdoc",
    "srcset",
    "usemap",
}
#: Of a hyperlink, which is printed and not followed.
LINKS = re.compile(r"(https?://|mailto:|tel:|#)", re.IGNORECASE)
DATA = re.compile(r"data:(image/|font/|application/(x-)?font)", re.IGNORECASE)
CSS_ADDRESS = re.compile(
    r"url\(\s*(\"[^\"]*\"?|'[^']*'?|[^)]*?)\s*(?:\)|$)", re.IGNORECASE
)
CSS_IMPORT = re.compile(r"@import\b[^;}]*;?", re.IGNORECASE)
CSS_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|([^\n]))", re.IGNORECASE)
CSS_ACTIVE = re.compile(r"url\(|@import", re.IGNORECASE)


def keep_data_only(page, allowed=(), base=None):
    """Take everything out of a page that is not in the page itself: pictures and styles
    by address, frames, scripts of the text, refreshes. Hyperlinks stay, nobody follows
    them; so do pictures and fonts as data.

    :param str page: a whole HTML document
    :param allowed: what addresses may begin with all the same: the firm's own fonts
    :param str base: address that the page's own begin at, where it may say so
    :return: the same object where there was nothing of the kind
    :rtype: str
    """
    if not page:
        return page
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = html.document_fromstring(str(page).encode(), parser=parser)
    cleaner = _Cleaner(tuple(allowed), base)
    for element in list(root.iter()):
        cleaner.clean(element)
    if not cleaner.changed:
        return page
    return etree.tostring(root.getroottree(), method="html", encoding="unicode")


class _Cleaner:
    def __init__(self, allowed, base):
        self.allowed = allowed
        self.base = base
        self.changed = False

    def clean(self, element):
        if not isinstance(element.tag, str):
            if element.tag is not etree.Comment:  # instructions to a program
                self._remove(element)
            return
        tag = element.tag.rpartition("}")[2].lower()
        if tag in ACTIVE and not self._is_own(element, tag):
            self._remove(element)
            return
        if tag == "meta" and element.get("http-equiv", "").lower() == "refresh":
            self._remove(element)
            return
        if tag == "base":
            return
        if tag == "style":
            self._set_text(element, self._clean_css(element.text or ""))
        for name, value in element.attrib.items():
            self._clean_attribute(element, tag, name, value)

    def _is_own(self, element, tag):
        """The page's own script, and style sheets of the server where these may stay."""
        parent = element.getparent()
        if parent is None or parent.tag != "head":
            return False
        if tag == "script":
            return not element.get("src") or self._is_allowed(element.get("src"))
        if tag == "base":
            return self.base is not None and element.get("href") == self.base
        if tag == "link":
            return self._is_allowed(element.get("href") or "")
        return False

    def _clean_attribute(self, element, tag, name, value):
        local = name.rpartition("}")[2].rpartition(":")[2].lower()
        if local.startswith("on"):
            # pages of headers and footers number themselves
            if (tag, local, value) != ("body", "onload", "subst()"):
                self._drop(element, name)
        elif local in ADDRESSES:
            if tag in ("a", "area") and local == "href":
                fine = LINKS.match(value.strip())
            else:
                fine = self._is_data(value) or self._is_allowed(value)
            if not fine:
                self._drop(element, name)
        elif local == "style" or "\\" in value or CSS_ACTIVE.search(value):
            cleaned = self._clean_css(value)
            if cleaned != value:
                element.set(name, cleaned)
                self.changed = True

    def _clean_css(self, css):
        if "\\" in css:
            # what hides an address behind escapes is read as it will be
            plain = CSS_ESCAPE.sub(self._unescape, css)
            if len(CSS_ACTIVE.findall(plain)) != len(CSS_ACTIVE.findall(css)):
                css = plain
        css = CSS_IMPORT.sub("", css)
        return CSS_ADDRESS.sub(self._replace_address, css)

    def _unescape(self, match):
        if match[2]:
            return match[2]
        code = int(match[1], 16)
        return chr(code) if 0 < code < 0x110000 else ""

    def _replace_address(self, match):
        value = match[1].strip("\"' \t\r\n")
        is_own = self._is_data(value) or self._is_allowed(value)
        return match[0] if is_own or value.startswith("#") else "none"

    def _is_data(self, value):
        return bool(DATA.match(value.strip()))

    def _is_allowed(self, value):
        value = value.strip()
        return (
            bool(value)
            and value.startswith(self.allowed)
            and ".." not in value
            and "%" not in value
            and "\\" not in value
        )

    def _set_text(self, element, text):
        if text != (element.text or ""):
            element.text = text
            self.changed = True

    def _drop(self, element, name):
        del element.attrib[name]
        self.changed = True

    def _remove(self, element):
        self.changed = True
        parent = element.getparent()
        if parent is not None:
            element.drop_tree()
