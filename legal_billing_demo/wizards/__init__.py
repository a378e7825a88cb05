from . import demo_firm
