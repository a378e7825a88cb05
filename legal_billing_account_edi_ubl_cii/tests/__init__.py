from . import test_einvoice_content
from . import test_einvoice_rules
from . import test_networks
