from . import res_company
from . import res_users
from . import res_config_settings
from . import hr_employee
from . import product_template
from . import legal_practice_area
from . import account_tax
from . import ir_module_module
