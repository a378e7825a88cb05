from . import test_charts
from . import test_words
