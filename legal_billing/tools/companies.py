"""Records and the companies that they are of."""


def companies_fit(records, names=None):
    """Whether what these records are linked with is of their company: core's check,
    which looks at each link of each record, over all of them together.

    :param odoo.models.BaseModel records: of a model with ``company_id``
    :param names: fields to look at; all of them by default
    :return: False also where only core's own check can tell, which says what is wrong
    :rtype: bool
    """
    company = records.company_id
    if len(company) != 1:
        return False
    if names is None or "company_id" in names:
        names = records._fields
    for name in names:
        field = records._fields[name]
        if not (field.relational and field.check_company):
            continue
        if field.company_dependent:
            return False
        linked = records.sudo().mapped(name)
        domain = linked and linked._check_company_domain(company)
        if domain and linked != linked.with_context(active_test=False).filtered_domain(
            domain
        ):
            return False
    return True
