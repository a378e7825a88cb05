from . import res_partner
from . import project_project
from . import project_project_options
from . import project_project_take_over
