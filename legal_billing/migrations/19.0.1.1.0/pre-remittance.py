"""The window for a remittance advice has another name; what it held was for an hour."""


def migrate(cr, _version):
    cr.execute("DROP TABLE IF EXISTS legal_payment_paste_line, legal_payment_paste")
