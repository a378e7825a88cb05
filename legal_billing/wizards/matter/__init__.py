from . import legal_matter_client
from . import legal_matter_close
from . import legal_matter_options
from . import legal_matter_takeover
