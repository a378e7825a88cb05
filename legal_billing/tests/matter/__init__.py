from . import test_matter_client
from . import test_matter_close
from . import test_matter_copies
from . import test_matter_options
from . import test_matter_origins
from . import test_matter_page
from . import test_matter_tours
