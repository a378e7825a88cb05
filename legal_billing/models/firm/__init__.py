"""The firm and its people: company and settings, users, grades, practice areas,
products and taxes. It calls ``common``. It has no hooks: later rooms add fields of
their own to company and settings."""

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
