"""The firm and its people: company and settings, users, grades, practice areas,
products and taxes, and what follows from the chart of accounts. It calls ``common``.
Later rooms add fields of their own to company and settings, and their accounts
(``_set_up_accounts``)."""

from . import res_currency
from . import res_company
from . import res_company_chart
from . import account_chart_template
from . import res_users
from . import res_config_settings
from . import hr_employee
from . import product_template
from . import legal_practice_area
from . import account_tax
from . import ir_module_module
from . import legal_set_up
